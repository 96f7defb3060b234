import { describe, expect, it } from 'vitest'
import { type Answer, ASK, chatCompletion, json, message, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const openai = (answer: Answer) => {
  vendor.answerWith(answer)
  return vendor.openai().chat.text(ASK)
}
const anthropic = (answer: Answer) => {
  vendor.answerWith(answer)
  return vendor.anthropic().chat.text(ASK)
}

describe('a plain reply of OpenAI', () => {
  it('comes as a completion (X01)', async () => {
    expect(await openai(json(chatCompletion({ content: 'A building block.' })))).toEqual({
      id: 'chatcmpl-1',
      created: 1_790_000_000,
      model: 'gpt-5.5-2026-04-23',
      choices: [{ role: 'assistant', content: 'A building block.' }],
      finishReason: 'stop',
      rawFinishReason: 'stop',
      toolCalls: [],
      usage: {
        promptTokens: 9,
        completionTokens: 4,
        totalTokens: 13,
        parts: { output: 4, uncached: 9 },
        raw: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
      },
      warnings: [],
    })
  })

  it('with null content beside tool calls, and `stop` for a forced tool (quirks 1, 2)', async () => {
    const calls = [
      { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
      { id: 'call_b', type: 'function', function: { name: 'now', arguments: '' } },
    ]
    const completion = await openai(json(chatCompletion({ content: null, tool_calls: calls })))
    expect(completion.choices[0]?.content).toBe('')
    expect(completion.finishReason).toBe('tool-calls')
    expect(completion.rawFinishReason).toBe('stop')
    expect(completion.toolCalls).toEqual([
      { id: 'call_a', name: 'weather', arguments: { city: 'Rome' } },
      { id: 'call_b', name: 'now', arguments: {} },
    ])
  })

  it('keeps calls apart that share an id or have none (T05)', async () => {
    const call = (id?: string) => ({ ...(id && { id }), type: 'function', function: { name: 'f', arguments: '{}' } })
    const completion = await openai(json(chatCompletion({ content: null, tool_calls: [call('a'), call('a'), call()] })))
    expect(completion.toolCalls.map((toolCall) => toolCall.id)).toEqual(['a', 'a_1', 'chatcmpl-1_2'])
  })

  it('with a refusal says why (quirk 1)', async () => {
    const completion = await openai(json(chatCompletion({ content: null, refusal: 'I cannot help with that.' })))
    expect(completion.choices[0]).toEqual({ role: 'assistant', content: '', refusal: 'I cannot help with that.' })
  })

  it('has cached and reasoning tokens in its usage, and leaves unknown ones undefined (M7, U04–U06)', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 32 },
    }
    const full = await openai(json(chatCompletion({ content: '' }, { usage })))
    expect(full.usage).toMatchObject({
      promptTokens: 100,
      completionTokens: 50,
      totalTokens: 150,
      cacheReadTokens: 64,
      reasoningTokens: 32,
    })
    const none = await openai(json(chatCompletion({ content: '' }, { usage: undefined })))
    expect(Object.values({ ...none.usage, parts: undefined })).toEqual(Array(4).fill(undefined))
    expect(Object.values(none.usage.parts ?? {})).toEqual(Array(5).fill(undefined))
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['something_new', 'other'],
  ])('that ended with %s has finish reason %s (X02)', async (raw, finishReason) => {
    const content = finishReason === 'other' ? 'Yes.' : ''
    const reply = chatCompletion(
      {},
      { choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: raw }] },
    )
    expect(await openai(json(reply))).toMatchObject({ finishReason, rawFinishReason: raw })
  })

  it('with tool arguments that are no JSON is a typed error that quotes them (M6, T11)', async () => {
    const tool_calls = [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city": "Ro' } }]
    const error = await thrownBy(() => openai(json(chatCompletion({ content: null, tool_calls }))))
    expect(error).toMatchObject({ code: 'invalid-tool-arguments', provider: 'openai', model: 'some-model' })
    expect(String(error)).toContain('{"city": "Ro')
  })
})

describe('a plain reply of Anthropic', () => {
  it('joins its text blocks and keeps thinking and tools apart (M5, X08, quirks 19, 20)', async () => {
    const completion = await anthropic(
      json(
        message(
          [
            { type: 'thinking', thinking: 'Hm.', signature: 'sig-1' },
            { type: 'thinking', thinking: '', signature: 'sig-2' },
            { type: 'redacted_thinking', data: 'opaque' },
            { type: 'text', text: 'It is ' },
            { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} },
            { type: 'text', text: 'sunny.' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' }, caller: { type: 'direct' } },
          ],
          { stop_reason: 'tool_use', stop_details: null },
        ),
      ),
    )
    expect(completion.choices).toEqual([
      {
        role: 'assistant',
        content: 'It is sunny.',
        reasoning: [
          { text: 'Hm.', signature: 'sig-1', signedBy: 'anthropic' },
          { text: '', signature: 'sig-2', signedBy: 'anthropic' },
          { text: '', encrypted: 'opaque', signedBy: 'anthropic' },
        ],
        toolCalls: completion.toolCalls,
      },
    ])
    expect(completion.toolCalls).toEqual([{ id: 'toolu_1', name: 'weather', arguments: { city: 'Rome' } }])
    expect(completion.finishReason).toBe('tool-calls')
  })

  it('without any block says why (M5, quirk 20)', async () => {
    const completion = await anthropic(json(message([], { stop_reason: 'max_tokens' })))
    expect(completion).toMatchObject({
      choices: [{ content: '' }],
      finishReason: 'length',
      rawFinishReason: 'max_tokens',
    })
  })

  it('counts cached parts into the prompt tokens (M7, U02)', async () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 70, cache_creation_input_tokens: 20, output_tokens: 5 }
    const completion = await anthropic(json(message([], { usage })))
    expect(completion.usage).toMatchObject({
      promptTokens: 100,
      completionTokens: 5,
      totalTokens: 105,
      cacheReadTokens: 70,
      cacheWriteTokens: 20,
    })
  })

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
  ])('that ended with %s has finish reason %s (X02)', async (raw, finishReason) => {
    const content = finishReason === 'other' ? [{ type: 'text', text: 'Yes.' }] : []
    expect(await anthropic(json(message(content, { stop_reason: raw })))).toMatchObject({
      finishReason,
      rawFinishReason: raw,
    })
  })
})
