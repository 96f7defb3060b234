import { type Answer, ASK, json, sse, useVendor } from './vendor.ts'

/** A model that only this wire serves. */
export const MODEL = 'gpt-5.5-pro'

/** OpenAI on this machine, asked for a model of the Responses wire. */
export async function useResponsesVendor() {
  const vendor = await useVendor()
  const ask = (answer: Answer, params: object = {}) => {
    vendor.answerWith(answer)
    return vendor.openai().chat.text({ ...ASK, model: MODEL, ...params })
  }
  const stream = (events: (object | string)[], params: object = {}) => {
    vendor.answerWith(sse(events))
    return vendor.openai().chat.stream({ ...ASK, model: MODEL, ...params })
  }
  const sent = async (params: object) => {
    const completion = await ask(json(response([text('Yes.')])), params)
    return { body: vendor.requests[0]?.body ?? {}, warnings: completion.warnings }
  }
  return { vendor, ask, stream, sent }
}

// ---- the wire, written by hand from the vendor's documentation

export function response(output: object[], rest: object = {}) {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_790_000_000,
    model: 'gpt-5.5-pro-2026-04-23',
    status: 'completed',
    error: null,
    incomplete_details: null,
    output,
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 64 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 32 },
      total_tokens: 150,
    },
    ...rest,
  }
}

export const said = (content: object[], rest: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content,
  ...rest,
})
export const text = (words: string, rest: object = {}) =>
  said([{ type: 'output_text', text: words, annotations: [] }], rest)
export const refusal = (words: string) => said([{ type: 'refusal', refusal: words }])
export const call = (name: string, args: string, rest: object = {}) => ({
  id: `fc_${name}`,
  type: 'function_call',
  call_id: `call_${name}`,
  name,
  arguments: args,
  status: 'completed',
  ...rest,
})
export const thought = (summary: string[], rest: object = {}) => ({
  id: 'rs_1',
  type: 'reasoning',
  summary: summary.map((words) => ({ type: 'summary_text', text: words })),
  encrypted_content: 'sealed',
  ...rest,
})

export const created = { type: 'response.created', response: response([], { status: 'in_progress', usage: null }) }
export const added = (output_index: number, item: object) => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
export const done = (output_index: number, item: object) => ({ type: 'response.output_item.done', output_index, item })
export const delta = (kind: string, output_index: number, words: string, rest: object = {}) => ({
  type: `response.${kind}.delta`,
  output_index,
  delta: words,
  obfuscation: 'x7f',
  ...rest,
})
export const completed = (output: object[] = []) => ({ type: 'response.completed', response: response(output) })
