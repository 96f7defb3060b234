import { json, type RecordedRequest, startUpstream } from './upstream.ts'

/** How a vendor takes a call: it works, or one of the ways in which vendors refuse. */
export type Mood = 'works' | 'rejects' | 'no-credit' | 'broken'

/** A vendor of OpenAI's wire: it lists a model and answers chats with one word, or refuses as OpenAI does. */
export async function startVendor() {
  const upstream = await startUpstream()
  let mood: Mood = 'works'
  upstream.answer((request, response) => {
    const [status, body] = reply(request, mood)
    json(response, status, body)
  })
  return {
    ...upstream,
    feel(next: Mood) {
      mood = next
      upstream.requests.length = 0
    },
  }
}

export type Vendor = Awaited<ReturnType<typeof startVendor>>

function reply(request: RecordedRequest, mood: Mood): [number, object] {
  if (mood === 'broken') return [503, { error: { message: 'The server is down.', type: 'server_error' } }]
  if (mood === 'rejects') {
    const key = request.headers.authorization ?? ''
    return [401, { error: { message: `Incorrect key: ${key}. Yours?`, type: 'x', code: 'invalid_api_key' } }]
  }
  if (request.url === '/v1/models') return [200, { object: 'list', data: [{ id: 'gpt-4o', object: 'model' }] }]
  if (mood === 'no-credit') {
    const message = 'You exceeded your current quota, please check your plan and billing details.'
    return [429, { error: { message, type: 'insufficient_quota', code: 'insufficient_quota', param: null } }]
  }
  return request.url === '/v1/responses' ? [200, RESPONSE] : [200, COMPLETION]
}

const usage = { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 }
const choice = { index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }
const COMPLETION = { id: 'c', object: 'chat.completion', created: 1, model: 'gpt-4o', choices: [choice], usage }

const part = { type: 'output_text', text: 'ok', annotations: [] }
const output = [{ type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [part] }]
const RESPONSE = {
  id: 'r',
  object: 'response',
  created_at: 1,
  model: 'gpt-4o',
  status: 'completed',
  output,
  usage: { input_tokens: 9, output_tokens: 1, total_tokens: 10 },
}
