import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AI } from '../src/index.ts'
import { createThinkSplitter } from '../src/lib/ai/protocols/chat-completions/think-tags.ts'
import { ASK, chatCompletion, chunk, collect, DONE, json, sse, useVendor } from './vendor.ts'

const vendor = await useVendor()

const ai = (provider: string) => AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
const streamed = async (provider: string, events: (object | string)[]) => {
  vendor.answerWith(sse(events))
  const all = await collect(ai(provider).chat.stream(ASK))
  const end = all.at(-1)
  if (end?.type !== 'end') throw new Error('no end')
  return end
}

describe.each(['groq', 'ollama', 'openai-compatible@my-gateway'])('%s', (provider) => {
  it('speaks chat completions through our proxy, as data of its own', async () => {
    vendor.answerWith(json(chatCompletion({ content: 'Yes.' })))
    const completion = await ai(provider).chat.text({ ...ASK, maxTokens: 5 })
    expect(completion.choices[0]?.content).toBe('Yes.')
    const [request] = vendor.requests
    expect(request?.path).toBe(`/api/v1/ai-providers/proxy/${provider}/v1/chat/completions`)
    expect(request?.body).toHaveProperty(provider === 'groq' ? 'max_completion_tokens' : 'max_tokens', 5)
  })

  it('needs at most 25 lines of code besides its instructions', async () => {
    const file = join(import.meta.dirname, `../src/lib/ai/providers/${provider.split('@')[0]}.ts`)
    const code = (await readFile(file, 'utf8')).split(/\n\n.*\nexport const \w+Instructions = /)[0]
    expect(code?.split('\n').length).toBeLessThanOrEqual(25)
  })
})

it('a gateway may end its stream without [DONE]: a finish reason means whole (quirk 40)', async () => {
  const events = [chunk({ content: 'Yes.' }), chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })]
  expect(await streamed('openai-compatible', events)).toMatchObject({ completeness: 'complete' })
  expect(await streamed('openai-compatible', events.slice(0, 1))).toMatchObject({ completeness: 'truncated' })
  expect(await streamed('openai', events)).toMatchObject({ completeness: 'truncated' })
})

it('usage may stand in x_groq (quirk 33)', async () => {
  const end = await streamed('groq', [
    chunk({ content: 'Yes.' }),
    chunk({}, { x_groq: { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } } }),
    DONE,
  ])
  expect(end.completion.usage).toMatchObject({ promptTokens: 3, completionTokens: 2, totalTokens: 5 })
})

it('content may be a list of parts, thoughts among them (quirk 32)', async () => {
  vendor.answerWith(
    json(
      chatCompletion({
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
          { type: 'text', text: 'Yes.' },
        ],
        tool_calls: null,
      }),
    ),
  )
  expect((await ai('openai-compatible').chat.text(ASK)).choices[0]).toEqual({
    role: 'assistant',
    content: 'Yes.',
    reasoning: [{ text: 'Hm.' }],
  })
})

it('arguments may be an object, null or empty (quirks 36, 38)', async () => {
  const tool_calls = [{ a: 1 }, null, ''].map((args) => ({ function: { name: 'f', arguments: args } }))
  vendor.answerWith(json(chatCompletion({ content: '', tool_calls })))
  expect((await ai('ollama').chat.text(ASK)).toolCalls.map((call) => call.arguments)).toEqual([{ a: 1 }, {}, {}])
})

it('the first chunk may be empty of everything (quirk 29), deltas may have role null (quirk 31)', async () => {
  const empty = { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [] }
  const end = await streamed('openai-compatible', [empty, chunk({ role: null, content: 'Yes.' }), DONE])
  expect(end.completion).toMatchObject({
    id: 'chatcmpl-1',
    model: 'gpt-5.5-2026-04-23',
    choices: [{ content: 'Yes.' }],
  })
})

describe('models that think aloud (quirk 33)', () => {
  const texts: [string, string, string][] = [
    ['<think>\nHm.\n</think>\n\nYes.', '\nHm.\n', 'Yes.'],
    ['Yes, <think> is a tag.', '', 'Yes, <think> is a tag.'],
    ['<thinking aloud>', '', '<thinking aloud>'],
    ['<think>never closed', 'never closed', ''],
    ['</think> first', '', '</think> first'],
    ['<th', '', '<th'],
  ]

  it.each(texts)('%j is parted, cut anywhere', (text, reasoning, content) => {
    for (let size = 1; size <= text.length; size++) {
      const splitter = createThinkSplitter()
      const pieces = [
        ...(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []).flatMap((piece) => splitter.push(piece)),
        ...splitter.end(),
      ]
      const said = (type: string) => pieces.map((piece) => (piece.type === type ? piece.text : '')).join('')
      expect([said('reasoning-delta'), said('text-delta')]).toEqual([reasoning, content])
    }
  })

  it('give text and reasoning apart, plain and streamed (X08)', async () => {
    vendor.answerWith(json(chatCompletion({ content: '<think>Hm.</think>Yes.' })))
    expect((await ai('groq').chat.text(ASK)).choices[0]).toMatchObject({
      content: 'Yes.',
      reasoning: [{ text: 'Hm.' }],
    })
    const end = await streamed('ollama', [
      chunk({ content: '<thi' }),
      chunk({ content: 'nk>Hm.</think>' }),
      chunk({ content: 'Yes.' }),
      DONE,
    ])
    expect(end.completion.choices[0]).toMatchObject({ content: 'Yes.', reasoning: [{ text: 'Hm.' }] })
  })
})
