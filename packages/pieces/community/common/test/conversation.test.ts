// A conversation goes on with another vendor: what cannot travel is left out with a warning, and nothing else is.
import { describe, expect, it } from 'vitest'
import { AI, type AIChatMessage } from '../src/index.ts'
import { chatCompletion, json, message, useVendor } from './vendor.ts'

const vendor = await useVendor()

const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1_790_000_000,
  model: 'gpt-5.5-pro',
  status: 'completed',
  output: [
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'Hm.' }],
      encrypted_content: 'sealed-openai',
    },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' },
  ],
}
const call = { name: 'get_weather', arguments: '{"city":"Paris"}' }

/** Each vendor, how it begins the conversation: it thinks and calls a tool; and how it ends one. */
const VENDORS = {
  anthropic: {
    model: 'claude-haiku-4-5',
    begins: message(
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'sealed-anthropic' },
        { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: { city: 'Paris' } },
      ],
      { stop_reason: 'tool_use' },
    ),
    ends: message([{ type: 'text', text: 'Sunny.' }]),
    seal: 'sealed-anthropic',
  },
  openai: {
    model: 'gpt-5.5-pro',
    begins: response,
    ends: {
      ...response,
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Sunny.' }] }],
    },
    seal: 'sealed-openai',
  },
  gemini: {
    model: 'gemini-3.8-flash',
    begins: {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: 'Hm.', thought: true, thoughtSignature: 'c2VhbGVkLWdlbWluaQ==' },
              { functionCall: { name: 'get_weather', args: { city: 'Paris' } } },
            ],
          },
          finishReason: 'STOP',
        },
      ],
    },
    ends: { candidates: [{ content: { role: 'model', parts: [{ text: 'Sunny.' }] }, finishReason: 'STOP' }] },
    seal: 'c2VhbGVkLWdlbWluaQ==',
  },
  'amazon-bedrock': {
    model: 'global.anthropic.claude-haiku-4-5-20251001-v1:0',
    begins: {
      output: {
        message: {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sealed-bedrock' } } },
            { toolUse: { toolUseId: 'tooluse_K1lsjyEkuj5bbg5tAkGAhO', name: 'get_weather', input: { city: 'Paris' } } },
          ],
        },
      },
      stopReason: 'tool_use',
    },
    ends: { output: { message: { role: 'assistant', content: [{ text: 'Sunny.' }] } }, stopReason: 'end_turn' },
    seal: 'sealed-bedrock',
  },
  cohere: {
    model: 'command-a-03-2025',
    begins: {
      id: '1',
      message: {
        role: 'assistant',
        tool_plan: 'Hm.',
        tool_calls: [{ id: 'get_weather_x1', type: 'function', function: call }],
      },
      finish_reason: 'TOOL_CALL',
    },
    ends: {
      id: '2',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Sunny.' }] },
      finish_reason: 'COMPLETE',
    },
    seal: undefined,
  },
  mistral: {
    model: 'magistral-small-latest',
    begins: chatCompletion({
      reasoning_content: 'Hm.',
      content: '',
      tool_calls: [{ id: 'abcdefghi', type: 'function', function: call }],
    }),
    ends: chatCompletion({ content: 'Sunny.' }),
    seal: undefined,
  },
  deepseek: {
    model: 'deepseek-v4-pro',
    begins: chatCompletion({
      reasoning_content: 'Hm.',
      content: '',
      tool_calls: [{ id: 'call_00_x', type: 'function', function: call }],
    }),
    ends: chatCompletion({ content: 'Sunny.' }),
    seal: undefined,
  },
  openrouter: {
    model: 'anthropic/claude-haiku-4.5',
    begins: chatCompletion({
      reasoning: 'Hm.',
      reasoning_details: [
        {
          type: 'reasoning.text',
          text: 'Hm.',
          signature: 'sealed-openrouter',
          format: 'anthropic-claude-v1',
          index: 0,
        },
      ],
      content: '',
      tool_calls: [{ id: 'toolu_bdrk_01', type: 'function', function: call }],
    }),
    ends: chatCompletion({ content: 'Sunny.' }),
    seal: 'sealed-openrouter',
  },
}
type Name = keyof typeof VENDORS
const names = Object.keys(VENDORS) as Name[]
const pairs = names.flatMap((first) => names.map((second) => [first, second] as const))
const image = { type: 'image' as const, image: { base64: 'iVBORw0KGgo=', mediaType: 'image/png' } }
const tools = [{ name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }]

describe('a conversation that began', () => {
  it.each(pairs)('with %s goes on with %s', async (first, second) => {
    const at = (provider: Name) => AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
    const messages: AIChatMessage[] = [{ role: 'user', content: 'What is the weather in Paris?' }]
    vendor.answerWith(json(VENDORS[first].begins))
    const begun = await at(first).chat.text({ model: VENDORS[first].model, messages, tools })
    const [choice] = begun.choices
    if (!choice) throw new Error('no choice')
    const content = [{ type: 'text' as const, text: 'A picture:' }, image]
    messages.push(choice, { role: 'tool', toolCallId: begun.toolCalls[0]?.id ?? '', content })
    messages.push({ role: 'user', content: 'So?' })
    vendor.answerWith(json(VENDORS[second].ends))
    const ended = await at(second).chat.text({ model: VENDORS[second].model, messages, tools })
    expect(ended.choices[0]?.content).toBe('Sunny.')
    const sent = JSON.stringify(vendor.requests[0]?.body)
    expect(sent).toContain('get_weather')
    expect(sent).toContain('A picture:')
    expect(sent.includes('iVBORw0KGgo=')).toBe(second !== 'deepseek')
    // A seal goes back to its owner alone; a thought that does not travel is told.
    for (const { seal } of Object.values(VENDORS))
      if (seal) expect(sent.includes(seal)).toBe(first === second && seal === VENDORS[first].seal)
    const warned = ended.warnings.map(({ parameter }) => parameter)
    expect(warned.includes('reasoning')).toBe(!sent.includes('Hm.'))
    expect(warned.some((parameter) => parameter.startsWith('messages['))).toBe(second === 'deepseek')
  })
})
