import { Alert, Badge, Code, Group, Image, ScrollArea, Spoiler, Stack, Text } from '@mantine/core'
import Markdown from 'react-markdown'
import { STRINGS } from '../strings.ts'
import type { RunState } from './use-run.ts'

/** What came of a run: the answer as it grows, what it took, and everything else in full. */
export function ResultView({ state }: { readonly state: RunState }) {
  const { phase, result, update, problem } = state
  const output = result?.status === 'succeeded' ? result.output : update
  if (phase === 'idle') return <Text c="dimmed">{STRINGS.step.noAnswer}</Text>
  return (
    <Stack gap="sm" aria-live="polite" aria-busy={phase === 'running'}>
      <Answer output={output} />
      {phase === 'running' && <Text c="dimmed">{STRINGS.step.running}</Text>}
      {problem !== undefined && <Alert color="red">{problem}</Alert>}
      {result?.error && (
        <Alert color="red" title={result.error.message}>
          {result.error.remedy}
        </Alert>
      )}
      <Facts state={state} />
      {result && (
        <Spoiler maxHeight={0} showLabel={STRINGS.step.output} hideLabel={STRINGS.close}>
          <ScrollArea.Autosize mah={400}>
            <Code block>
              {JSON.stringify(result.status === 'succeeded' ? shorten(result.output) : result.error, null, 2)}
            </Code>
          </ScrollArea.Autosize>
        </Spoiler>
      )}
      {result && result.logs.length > 0 && (
        <Code block aria-label={STRINGS.step.logs}>
          {result.logs.map(({ level, message }) => `${level} ${message}`).join('\n')}
        </Code>
      )}
    </Stack>
  )
}

/** The text of an output as Markdown, its images as images; what has neither is shown as JSON. */
function Answer({ output }: { readonly output: unknown }) {
  const text = typeof output === 'string' ? output : fieldOf(output, 'text')
  const images = imagesOf(output)
  if (typeof text === 'string') return <Markdown>{text}</Markdown>
  if (images.length > 0)
    return images.map((url) => <Image key={url.slice(0, 200)} src={url} alt="" radius="md" maw={512} />)
  return output === undefined || output === null ? null : <Code block>{JSON.stringify(shorten(output), null, 2)}</Code>
}

function Facts({ state: { result, firstUpdateMs } }: { readonly state: RunState }) {
  if (!result) return null
  const usage = fieldOf(result.output, 'usage')
  const [prompt, completion] = ['promptTokens', 'completionTokens'].map((name) => fieldOf(usage, name))
  const cost = fieldOf(fieldOf(result.output, 'cost'), 'usd') ?? fieldOf(result.output, 'cost')
  return (
    <Group gap="xs">
      {firstUpdateMs !== undefined && <Badge variant="light">{STRINGS.step.firstUpdate(firstUpdateMs)}</Badge>}
      <Badge variant="light">{STRINGS.step.took(Math.round(result.durationMs))}</Badge>
      {prompt !== undefined && (
        <Badge variant="light">{STRINGS.step.tokens(String(prompt), String(completion ?? '?'))}</Badge>
      )}
      {typeof cost === 'number' && <Badge variant="light">{STRINGS.step.cost(`$${cost.toPrecision(2)}`)}</Badge>}
    </Group>
  )
}

function imagesOf(output: unknown): string[] {
  const found = [fieldOf(output, 'images'), fieldOf(output, 'image'), output].flat()
  return found.flatMap((one) => {
    const url = typeof one === 'string' ? one : fieldOf(one, 'url')
    return typeof url === 'string' && /^(data:image\/|https:\/\/)/.test(url) ? [url] : []
  })
}

/** Long texts, such as files in base64, are shown by their beginning. */
function shorten(value: unknown): unknown {
  if (typeof value === 'string' && value.length > 2_000) return `${value.slice(0, 200)} … (${value.length} characters)`
  if (Array.isArray(value)) return value.map(shorten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shorten(inner)]))
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
