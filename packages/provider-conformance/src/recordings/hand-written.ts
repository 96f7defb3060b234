import type { Exchange } from './exchanges.ts'

/**
 * Parses a hand-written exchange: a request and its response in HTTP format, reduced to the relevant parts.
 *
 * A response with `content-transfer-encoding: base64` is binary. An AWS event stream has one event per line,
 * `{"<event type>": <payload>}`, and is framed when it is sent.
 *
 * @param path vendor, API and file name
 * @example
 * POST /v1/chat/completions
 *
 * {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hi"}]}
 *
 * HTTP/1.1 200 OK
 * content-type: application/json
 *
 * {"choices": [...]}
 */
export function parseWritten(path: readonly string[], text: string): Exchange {
  const [vendor = '', api = '', file = ''] = path
  const [request = '', response] = text.split(/^HTTP\/1\.1 /m)
  const sent = messageOf(request)
  const [method = '', target = ''] = sent.start.split(' ')
  if (response === undefined || target === '') throw new Error(`${path.join('/')}: expected a request and a response`)
  const { start, headers, body } = messageOf(response)
  const { 'content-transfer-encoding': encoding, ...responseHeaders } = headers
  const requestBody = sent.body.trim() === '' ? null : JSON.parse(sent.body)
  return {
    id: `${vendor}/${api}/${file.replace(/\.http$/, '')}`,
    vendor,
    api,
    method,
    path: target,
    requestBody,
    status: Number.parseInt(start, 10),
    responseHeaders,
    responseBody: encoding === 'base64' ? body.replace(/\s/g, '') : `${body.trimEnd()}\n\n`,
    ...(encoding === 'base64' && { responseBodyEncoding: encoding }),
    ...(responseHeaders['content-type'] === 'application/vnd.amazon.eventstream' && { bodyForm: EVENTSTREAM_LINES }),
    bodyExact: true,
    provenance: 'written',
    model: requestBody?.model ?? modelIn(decodeURIComponent(target)),
  }
}

/** Reads the model from the path, as Gemini and Bedrock have it there. */
function modelIn(path: string): string | null {
  const [, gemini, bedrock] = /\/(?:models\/([^:]+)|model\/([^/]+))/.exec(path) ?? []
  return gemini ?? bedrock ?? null
}

/** `bodyForm` of an AWS event stream that was recorded as one decoded event per line. */
export const EVENTSTREAM_LINES = 'decoded-eventstream-jsonl'

function messageOf(text: string): { start: string; headers: Record<string, string>; body: string } {
  const [head = '', ...rest] = text.split('\n\n')
  const [start = '', ...lines] = head.split('\n')
  const headers = lines.map((line) => line.split(': ')).map(([name = '', value = '']) => [name.toLowerCase(), value])
  return { start, headers: Object.fromEntries(headers), body: rest.join('\n\n') }
}
