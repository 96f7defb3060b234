// A recorded conversation goes on: what the vendor said goes back as its own client sent it back.
import { AI, type AIChatMessage } from '@activepieces/pieces-common'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadExchanges, startReplayServer } from '../src/index.ts'

/** A thought that led to a call, and the requests after it. */
const THOUGHT = '45968ea5bda5'
const AFTER = ['154a32dbcc6d', '62d95175c317']

const exchanges = await loadExchanges(({ id }) => id === THOUGHT || AFTER.includes(id))

let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  vendor = await startReplayServer()
})
afterAll(() => vendor.close())

it(`quirk 36: a sealed thought of OpenRouter goes back as it came: ${exchanges.length} exchanges`, async () => {
  const first = exchanges.find(({ id }) => id === THOUGHT)
  for (const after of exchanges.filter(({ id }) => AFTER.includes(id))) {
    if (!first) throw new Error('The thought is not among the recordings.')
    const ai = AI({ provider: 'openrouter', server: { apiUrl: vendor.urlOf('turn'), token: 'engine-token' } })
    const params = { model: 'anthropic/claude-haiku-4.5', retries: 0 }
    const asked: AIChatMessage = { role: 'user', content: 'What is the weather in Berlin?' }
    vendor.put('turn', first, { bytes: 7 })
    const { choices, toolCalls } = await ai.chat.text({ ...params, messages: [asked] })
    const [choice] = choices
    const [call] = toolCalls
    if (!choice || !call) throw new Error('The recorded reply calls a tool.')
    vendor.put('turn', after, 'whole')
    const result: AIChatMessage = { role: 'tool', toolCallId: call.id, content: '15 degrees' }
    const { warnings } = await ai.chat.text({ ...params, messages: [asked, choice, result] })
    expect(warnings).toEqual([])
    const sent = JSON.parse(vendor.lastOf('turn')).messages[1]
    // SAFETY: recorded requests are what the vendor's API takes.
    const recorded = (after.requestBody as { messages: { role: string }[] }).messages.find(
      ({ role }) => role === 'assistant',
    )
    expect(recorded).toMatchObject({ reasoning_details: sent.reasoning_details, tool_calls: sent.tool_calls })
    expect(sent.reasoning).toBeUndefined() // it is in the details already
  }
})
