import type { SentRequest } from '@activepieces/contract'
import { Group, Stack, Text } from '@mantine/core'
import { count } from '../format.ts'
import { CodeText } from '../layout/code.tsx'
import { Copy } from '../layout/copy.tsx'
import { Disclosure } from '../layout/disclosure.tsx'
import { STRINGS } from '../strings.ts'
import { brief } from './as-code.ts'

const WORDS = STRINGS.sent

/** What a run has sent to vendors, each call to be opened: where it went, its body and its headers, as they were on the wire. */
export function SentRequests({ requests }: { readonly requests: readonly SentRequest[] }) {
  return requests.map((request, place) => (
    <Disclosure key={request.requestId} title={requests.length === 1 ? WORDS.title : WORDS.titleOf(place + 1)}>
      <OneRequest request={request} />
    </Disclosure>
  ))
}

/** Texts of this length are shown by their beginning; the copy has them whole. */
const LONGEST_TEXT = 20_000

function OneRequest({ request }: { readonly request: SentRequest }) {
  const { method, url, headers, bytes, connection, body, drill, droppedHeaders } = request
  const shown = textOf(body, (value) => brief(value, LONGEST_TEXT))
  const names = headers.map(({ name, value }) => `${name}: ${value ?? WORDS.stored}`).join('\n')
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <Text className="wire">
          <b>{method}</b> {url}
        </Text>
        <Copy what={WORDS.title} value={`${method} ${url}\n${names}\n\n${textOf(body)}`} />
      </Group>
      <Text size="xs" c="dimmed">
        {WORDS.about(connection, count(bytes), request.requestId)}
      </Text>
      {drill !== null && (
        <Text size="sm" c="orange">
          {WORDS.drill(drill)}
        </Text>
      )}
      {droppedHeaders.length > 0 && (
        <Text size="sm" c="orange">
          {WORDS.dropped(droppedHeaders)}
        </Text>
      )}
      {body.type !== 'none' && <CodeText label={WORDS.body}>{shown}</CodeText>}
      <Disclosure title={WORDS.headers(headers.length)}>
        <CodeText label={WORDS.headers(headers.length)}>{names}</CodeText>
      </Disclosure>
    </Stack>
  )
}

function textOf(body: SentRequest['body'], shorten: (value: unknown) => unknown = (value) => value): string {
  switch (body.type) {
    case 'none':
      return ''
    case 'json':
      return JSON.stringify(shorten(body.value), null, 2)
    case 'form':
      return body.fields.map(({ name, value }) => `${name}: ${String(shorten(value))}`).join('\n')
    case 'other':
      return WORDS.notShown(body.contentType)
  }
}
