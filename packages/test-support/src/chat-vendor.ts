import type { ServerResponse } from 'node:http'
import { json, type RecordedRequest, startUpstream } from './upstream.ts'

/** What a vendor of chat completions lacks, or does in its own way. */
export type Oddities = {
  readonly rejects?: boolean
  readonly noCredit?: boolean
  readonly tooFast?: boolean
  readonly tools?: 'refused' | 'ignored' | 'one-by-one'
  readonly noUsage?: boolean
  readonly wholeAtOnce?: boolean
  /** Never ends an answer that counts: it must be broken off. */
  readonly endless?: boolean
  readonly hangs?: boolean
  readonly hangsOnTools?: boolean
}

/** A vendor of chat completions with two models that does all that is asked, but for its oddities. */
export async function startChatVendor() {
  const upstream = await startUpstream()
  let odd: Oddities = {}
  /** Replies that were begun and not ended. */
  const open = new Set<ServerResponse>()
  upstream.answer((request, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    answer(request, response, odd)
  })
  return {
    ...upstream,
    open,
    become(next: Oddities) {
      odd = next
      upstream.requests.length = 0
    },
  }
}

/** A reply as a whole, or undefined for none. */
type Reply = readonly [status: number, body: object, headers?: Record<string, string>] | undefined

function answer(request: RecordedRequest, response: ServerResponse, odd: Oddities): void {
  if (request.url === '/v1/images/generations') {
    const message = 'The model does not exist.'
    json(response, 404, { error: { message, type: 'invalid_request_error', code: 'model_not_found' } })
    return
  }
  const asked = JSON.parse(request.body.toString() || '{}')
  const refused = refusal(request, odd)
  if (!refused && asked.stream && !odd.hangs) {
    stream(response, JSON.stringify(asked.messages).includes('200'), odd)
    return
  }
  const reply = refused ?? (request.url === '/v1/models' ? LIST : plain(asked, odd))
  if (reply) json(response, ...reply)
}

const LIST: Reply = [200, { data: [{ id: 'small' }, { id: 'large' }] }]

function refusal({ url, headers }: RecordedRequest, { rejects, noCredit, tooFast }: Oddities): Reply {
  if (rejects) {
    const message = `Incorrect API key provided: ${headers.authorization?.slice(7)}.`
    return [401, { error: { message, type: 'invalid_request_error', code: 'invalid_api_key' } }]
  }
  if (url === '/v1/models') return undefined
  if (tooFast) {
    const message = 'Rate limit reached: please try again in 30s.'
    return [429, { error: { message, type: 'requests', code: 'rate_limit_exceeded' } }, { 'retry-after': '30' }]
  }
  if (!noCredit) return undefined
  const message = 'You exceeded your current quota, please check your plan and billing details.'
  return [429, { error: { message, type: 'insufficient_quota', code: 'insufficient_quota' } }]
}

type Asked = { tools?: { function: { name: string } }[]; parallel_tool_calls?: boolean }

function plain({ tools, parallel_tool_calls }: Asked, odd: Oddities): Reply {
  if (odd.hangs) return undefined
  if (!tools) return completion({ content: 'ok' })
  if (odd.hangsOnTools) return undefined
  if (odd.tools === 'refused') {
    const message = '"auto" tool choice requires --enable-auto-tool-choice to be set.'
    return [400, { error: { message, type: 'BadRequestError', code: 400 } }]
  }
  if (odd.tools === 'ignored') return completion({ content: 'I have noted the number.' })
  const name = tools[0]?.function.name
  const values = name === 'note_number' ? [{ number: 3 }, { number: 8 }] : [{ city: 'Paris', capital: true }]
  const two = parallel_tool_calls === true && odd.tools !== 'one-by-one'
  const tool_calls = values.slice(0, two ? 2 : 1).map((value, index) => {
    return { id: `call-${index}`, type: 'function', function: { name, arguments: JSON.stringify(value) } }
  })
  return completion({ content: null, tool_calls })
}

const head = { id: 'c', created: 1, model: 'small' }
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }

function completion(message: object): Reply {
  const choice = { index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }
  return [200, { ...head, object: 'chat.completion', choices: [choice], usage }]
}

function stream(response: ServerResponse, isLong: boolean, odd: Oddities): void {
  const send = (data: object) => response.write(`data: ${JSON.stringify({ ...head, ...data })}\n\n`)
  const piece = (content: string, finish_reason: string | null = null) =>
    send({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason }] })
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const word of odd.wholeAtOnce ? ['1 2 3'] : ['1 ', '2 ', '3']) piece(word)
  if (isLong && odd.endless) return
  piece('', 'stop')
  if (!odd.noUsage) send({ object: 'chat.completion.chunk', choices: [], usage })
  response.end('data: [DONE]\n\n')
}
