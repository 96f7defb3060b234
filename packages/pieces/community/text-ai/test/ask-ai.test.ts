import { describe, expect, it } from 'vitest'
import { askAiOutput, textAi } from '../src/index.ts'
import { bounded, MAX_STORED_CHARACTERS, MAX_STORED_MESSAGES, recall, remember } from '../src/lib/memory.ts'
import { useVendor } from './vendor.ts'

const { apiUrl, requests } = await useVendor(({ model }, response) => {
  const head = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'gpt-5.5-2026-04-23',
  }
  const events = [
    { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'A building ' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: { content: 'block.' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { ...head, choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } },
  ]
  const end = model === 'aborted' ? '' : 'data: [DONE]\n\n'
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + end)
})

const stored = new Map<string, unknown>()
const store = {
  // Like the framework's store, returns the stored value as the type that the caller names.
  get: async <T>(key: string) => (stored.get(key) as T | undefined) ?? null,
  put: async <T>(key: string, value: T) => {
    stored.set(key, JSON.parse(JSON.stringify(value)))
    return value
  },
  delete: async (key: string) => void stored.delete(key),
}

async function ask(propsValue: object) {
  const shown: unknown[] = []
  const action = textAi.getAction('ask_ai')
  if (!action) throw new Error('The piece does not have the action ask_ai.')
  // SAFETY: the action uses only these parts of its context.
  const context = {
    propsValue: { provider: 'openai', model: 'gpt-5.5', prompt: 'What is a piece?', ...propsValue },
    server: { apiUrl, publicUrl: '', token: 'engine-token-1' },
    store,
    output: { update: async ({ data }: { data: unknown }) => void shown.push(data) },
  } as unknown as Parameters<typeof action.run>[0]
  return { output: await action.run(context), shown }
}

describe('Ask AI', () => {
  it('returns the completion in the shape of its output schema', async () => {
    const { output, shown } = await ask({ systemPrompt: 'Be brief.', creativity: 30 })
    expect(askAiOutput.parse(output)).toEqual({
      text: 'A building block.',
      model: 'gpt-5.5-2026-04-23',
      finishReason: 'stop',
      sources: [],
      usage: { promptTokens: 9, completionTokens: 4, totalTokens: 13 },
      warnings: ['creativity dropped: gpt-5.5 does not support it.'],
    })
    expect(requests[0]?.messages).toEqual([
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'What is a piece?' },
    ])
    expect(shown[0]).toEqual({ text: 'A building ' })
  })

  it('fails when the completion is cut off', async () => {
    await expect(ask({ model: 'aborted' })).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('remembers a conversation by its key, without the system prompt', async () => {
    await ask({ conversationKey: 'c1', systemPrompt: 'Be brief.' })
    await ask({ conversationKey: 'c1', systemPrompt: 'Be kind.', prompt: 'And a flow?' })
    await ask({ conversationKey: 'c2', prompt: 'Who are you?' })
    expect(requests[1]?.messages).toEqual([
      { role: 'developer', content: 'Be kind.' },
      { role: 'user', content: 'What is a piece?' },
      { role: 'assistant', content: 'A building block.' },
      { role: 'user', content: 'And a flow?' },
    ])
    expect(requests[2]?.messages).toEqual([{ role: 'user', content: 'Who are you?' }])
  })

  it('loads in the real pieces framework and needs no connection of its own', () => {
    expect(textAi.displayName).toBe('Text AI')
    expect(Object.keys(textAi.actions())).toEqual(['ask_ai', 'summarize_text'])
    expect(textAi.getAction('ask_ai')?.requireAuth).toBe(false)
    expect(() => textAi.metadata()).not.toThrow()
  })
})

describe('conversation memory', () => {
  const turn = (text: string) => [
    { role: 'user' as const, content: text },
    { role: 'assistant' as const, content: text },
  ]

  it('drops the oldest messages beyond the limits and never starts with a completion', () => {
    const many = Array.from({ length: 50 }, (_, index) => turn(`turn ${index}`)).flat()
    expect(bounded(many)).toEqual(many.slice(-MAX_STORED_MESSAGES))
    expect(bounded(many.slice(1)).at(0)?.role).toBe('user')
    const long = [...turn('a'.repeat(60_000)), ...turn('b'.repeat(40_000))]
    expect(bounded(long)).toEqual(turn('b'.repeat(40_000)))
    expect(bounded(turn('c'.repeat(MAX_STORED_CHARACTERS)))).toEqual([])
  })

  it('keeps a turn that another run added in the meantime', async () => {
    await remember(store, 'shared', turn('one'))
    const before = await recall(store, 'shared')
    await remember(store, 'shared', turn('two'))
    expect(before).toHaveLength(2)
    await remember(store, 'shared', turn('three'))
    expect((await recall(store, 'shared')).map((message) => message.content)).toEqual([
      'one',
      'one',
      'two',
      'two',
      'three',
      'three',
    ])
  })
})

it.each([
  ['anthropic', 'claude-haiku-4-5', ['webSearch']],
  ['openai@eu', 'gpt-5.5', ['webSearch']],
  ['mistral', 'mistral-large-latest', []],
  ['gone', 'x', []],
  ['openai', '', []],
])('offers web search if the model supports it: %s, %s', async (provider, model, names) => {
  const { search } = textAi.getAction('ask_ai')?.props ?? {}
  // SAFETY: the property uses only the values, whatever else the form holds.
  const props = await Object(search).props({ provider, model }, {})
  expect(Object.keys(props)).toEqual(names)
})
