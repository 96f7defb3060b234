// The next turn of a conversation must send a reply back as the vendor's own client does.
import { AI, type AIChatMessage } from '@activepieces/pieces-common'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadExchanges, startReplayServer } from '../src/index.ts'

/** A reply with signed reasoning and a tool call, and the requests after it. */
const CONVERSATIONS = [
  {
    first: 'openrouter/chat.completions/turn-1-reasoning-tool-call',
    after: ['openrouter/chat.completions/turn-2-text'],
  },
  { first: '45968ea5bda5', after: ['154a32dbcc6d', '62d95175c317'] },
]

const exchanges = await loadExchanges(({ id }) =>
  CONVERSATIONS.some(({ first, after }) => first === id || after.includes(id)),
)
const find = (wanted: string) => exchanges.filter(({ id }) => id === wanted)
const turns = CONVERSATIONS.flatMap(({ first, after }) =>
  find(first).flatMap((reply) => after.flatMap(find).map((next) => ({ id: next.id, reply, next }))),
)

let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  vendor = await startReplayServer()
})
afterAll(() => vendor.close())

it.each(turns)("OpenRouter's signed reasoning is sent back unchanged: $id", async ({ reply, next }) => {
  const ai = AI({ provider: 'openrouter', server: { apiUrl: vendor.urlOf('turn'), token: 'engine-token' } })
  const params = { model: 'anthropic/claude-haiku-4.5', retries: 0 }
  const asked: AIChatMessage = { role: 'user', content: 'What is the weather in Berlin?' }
  vendor.put('turn', reply, { bytes: 7 })
  const { choices, toolCalls } = await ai.chat.text({ ...params, messages: [asked] })
  const [choice] = choices
  const [call] = toolCalls
  if (!choice || !call) throw new Error('The response calls a tool.')
  vendor.put('turn', next, 'whole')
  const result: AIChatMessage = { role: 'tool', toolCallId: call.id, content: '15 degrees' }
  const { warnings } = await ai.chat.text({ ...params, messages: [asked, choice, result] })
  expect(warnings).toEqual([])
  const sent = JSON.parse(vendor.lastOf('turn')).messages[1]
  // SAFETY: the recorded requests match the vendor's API.
  const { messages } = next.requestBody as { messages: { role: string }[] }
  const expected = messages.find(({ role }) => role === 'assistant')
  expect(expected).toMatchObject({ reasoning_details: sent.reasoning_details, tool_calls: sent.tool_calls })
  expect(sent.reasoning).toBeUndefined() // already in the details
})
