import type { PieceRun } from '@activepieces/contract'
import { Alert, Badge, Group, Image, List, Loader, Stack, Text } from '@mantine/core'
import { count, duration } from '../format.ts'
import { CodeText } from '../layout/code.tsx'
import { Disclosure } from '../layout/disclosure.tsx'
import { ImageLink, RichText } from '../layout/rich-text.tsx'
import { STRINGS } from '../strings.ts'
import { brief } from './as-code.ts'
import { fieldOf, shownOf, warningsOf } from './output.ts'
import type { Values } from './properties.ts'
import { RunCalls } from './run-calls.tsx'
import { SentRequests } from './sent-requests.tsx'
import type { RunState } from './use-run.ts'

const WORDS = STRINGS.step

/** What came of a run: the answer as it grows, what it took, and everything else in full. */
export function ResultView({ state, input }: { readonly state: RunState; readonly input: Values }) {
  const { phase, result, update, problem, requests } = state
  const output = result?.status === 'succeeded' ? result.output : update
  return (
    <Stack gap="sm">
      <Group gap="xs" role="status" mih={24}>
        {phase === 'running' && <Loader size="xs" />}
        <Text size="sm" c="dimmed">
          {statusOf(state)}
        </Text>
      </Group>
      <Answer output={output} />
      {problem !== undefined && (
        <Alert color="red" variant="light" role="alert">
          {problem}
        </Alert>
      )}
      {result?.error && (
        <Alert color="red" variant="light" role="alert" title={WORDS.failed}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {result.error.message}
          </Text>
          <Remedy {...result.error} />
        </Alert>
      )}
      <Facts state={state} />
      <Changes result={result} wasSent={requests.length > 0} />
      {result && <RunCalls runId={result.runId} sent={requests.length} />}
      <SentRequests requests={requests} />
      {result && (
        <Disclosure title={WORDS.output}>
          <CodeText label={WORDS.output}>
            {JSON.stringify(brief(result.status === 'succeeded' ? result.output : result.error), null, 2)}
          </CodeText>
        </Disclosure>
      )}
      {result && (
        <Disclosure title={WORDS.input}>
          <CodeText label={WORDS.input}>{JSON.stringify(brief(input), null, 2)}</CodeText>
        </Disclosure>
      )}
      {result && result.logs.length > 0 && (
        <Disclosure title={WORDS.logs}>
          <CodeText label={WORDS.logs}>
            {result.logs.map(({ level, message }) => `${level} ${message}`).join('\n')}
          </CodeText>
        </Disclosure>
      )}
    </Stack>
  )
}

/** The line of an AI action ends in what to do; other errors have it beside them. */
function Remedy({ message, remedy }: NonNullable<PieceRun['error']>) {
  return remedy === undefined || message.endsWith(remedy) ? null : <Text size="sm">{remedy}</Text>
}

/** What an action says that it left out or changed; and when it cannot say. */
function Changes({ result, wasSent }: { readonly result: PieceRun | undefined; readonly wasSent: boolean }) {
  if (!result || !wasSent) return null
  const warnings = warningsOf(result.output)
  if (warnings === undefined || warnings.length === 0) {
    const words = result.error ? WORDS.changesUnknown : warnings && WORDS.unchanged
    return words === undefined ? null : (
      <Text size="xs" c="dimmed">
        {words}
      </Text>
    )
  }
  return (
    <Alert variant="light" color="yellow" title={WORDS.changed}>
      <List size="sm">
        {warnings.map((warning) => (
          <List.Item key={warning}>{warning}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

function statusOf({ phase, result, problem }: RunState): string {
  if (phase === 'running') return WORDS.running
  return result?.status === 'succeeded' && problem === undefined ? WORDS.done : WORDS.failed
}

/** The text of an output as Markdown, or its images; images elsewhere are links. What has neither is shown as JSON. */
function Answer({ output }: { readonly output: unknown }) {
  const shown = shownOf(output)
  switch (shown.type) {
    case 'text':
      return (
        <div className="prose">
          <RichText>{shown.text}</RichText>
        </div>
      )
    case 'images':
      return shown.urls.map((url, place) =>
        url.startsWith('data:') ? (
          <Image key={url.slice(-80)} src={url} alt={WORDS.image(place + 1)} radius="md" maw={512} />
        ) : (
          <ImageLink key={url.slice(-80)} url={url} text={url} />
        ),
      )
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: what it says stands in the form
      return <audio controls src={shown.url} aria-label={WORDS.answer} />
    case 'other':
      return <CodeText label={WORDS.answer}>{JSON.stringify(brief(output), null, 2)}</CodeText>
    case 'nothing':
      return null
  }
}

function Facts({ state: { result, firstUpdateMs } }: { readonly state: RunState }) {
  if (!result) return null
  const usage = fieldOf(result.output, 'usage')
  const tokens = ['promptTokens', 'completionTokens'].map((name) => fieldOf(usage, name))
  const facts = [
    firstUpdateMs === undefined ? undefined : WORDS.firstUpdate(duration(firstUpdateMs)),
    WORDS.took(duration(result.durationMs)),
    tokens.every((one) => typeof one === 'number')
      ? WORDS.tokens(...(tokens.map((one) => count(Number(one))) as [string, string]))
      : undefined,
  ]
  return (
    <Group gap={6}>
      {facts.map(
        (fact) =>
          fact !== undefined && (
            <Badge key={fact} variant="default" tt="none" fw={500} className="numbers">
              {fact}
            </Badge>
          ),
      )}
    </Group>
  )
}
