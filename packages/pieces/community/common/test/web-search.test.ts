import { describe, expect, it } from 'vitest'
import { AI, type AISource } from '../src/index.ts'
import { type Answer, chatCompletion, chunk, collect, DONE, json, message, sse, useVendor } from './vendor.ts'

const vendor = await useVendor()

const server = { apiUrl: 'http://127.0.0.1:1/api/', token: 'engine-token-1' }
const messages = [{ role: 'user' as const, content: 'What is new?' }]
const tools = [{ name: 'get_time' }]

const explained = (provider: string, model: string, params: object = {}) =>
  AI({ provider, server }).explain({ model, messages, webSearch: true, ...params })

describe('webSearch', () => {
  it.each([
    ['anthropic', 'claude-haiku-4-5', '/v1/messages', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    [
      'gemini',
      'gemini-2.5-flash',
      '/v1beta/models/gemini-2.5-flash:generateContent',
      { tools: [{ googleSearch: {} }] },
    ],
    ['openai', 'gpt-5.5', '/v1/responses', { tools: [{ type: 'web_search' }] }],
    ['openai@eu', 'gpt-5.2-pro', '/v1/responses', { tools: [{ type: 'web_search' }] }],
    ['xai', 'grok-4.5', '/v1/responses', { tools: [{ type: 'web_search' }] }],
    ['openrouter', 'openai/gpt-5', '/v1/chat/completions', { plugins: [{ id: 'web' }] }],
    ['perplexity', 'sonar', '/chat/completions', {}],
  ])('%s is asked for it in its own way', async (provider, model, path, body) => {
    const asked = await explained(provider, model)
    expect(asked.path).toBe(path)
    expect(asked.body).toMatchObject(body)
    expect(asked.body).not.toHaveProperty('webSearch')
  })

  it.each([
    ['anthropic', 'claude-haiku-4-5'],
    ['gemini', 'gemini-2.5-flash'],
    ['openai', 'gpt-5.5'],
  ])('%s searches beside the tools of the caller', async (provider, model) => {
    const { body } = await explained(provider, model, { tools })
    expect(Object(body).tools).toHaveLength(2)
  })

  it.each(['azure-openai', 'deepseek', 'fireworks', 'groq', 'mistral', 'ollama', 'openai-compatible', 'together'])(
    '%s has none: refused before anything is sent',
    async (provider) => {
      await expect(explained(provider, 'some-model')).rejects.toMatchObject({
        code: 'unsupported',
        parameter: 'webSearch',
      })
      await expect(explained(provider, 'some-model', { webSearch: false })).resolves.toMatchObject({ method: 'POST' })
    },
  )
})

const NEWS = { url: 'https://example.com/news', title: 'News' }
const PAPER = { url: 'https://example.com/paper', title: 'Paper' }
const bare = { url: NEWS.url }

const cited = (...all: AISource[]) => all.map((one) => ({ type: 'url_citation', url_citation: one }))
const annotated = (...all: AISource[]) => all.map((one) => ({ type: 'url_citation', ...one }))
const located = (one: AISource) => ({ type: 'web_search_result_location', cited_text: 'x', ...one })
const grounded = (...all: AISource[]) => ({
  groundingMetadata: { groundingChunks: all.map(({ url, title }) => ({ web: { uri: url, title } })) },
})
const candidate = (rest: object) => ({
  candidates: [{ content: { parts: [{ text: 'New.' }], role: 'model' }, finishReason: 'STOP', index: 0, ...rest }],
})
const said = (annotations: object[]) => ({
  id: 'resp_1',
  status: 'completed',
  output: [{ type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'New.', annotations }] }],
})

/** Wire by wire: whose, and the same reply plain and as a stream. News comes again, first bare and then with its title. */
const REPLIES: [provider: string, model: string, plain: Answer, stream: Answer][] = [
  [
    'openrouter',
    'openai/gpt-5',
    json(chatCompletion({ content: 'New.', annotations: cited(bare, NEWS, PAPER) })),
    sse([
      chunk({ content: 'New.' }),
      chunk({ annotations: cited(bare) }),
      chunk({ annotations: cited(NEWS, PAPER) }),
      DONE,
    ]),
  ],
  [
    'perplexity',
    'sonar',
    json(chatCompletion({ content: 'New.' }, { search_results: [NEWS, PAPER], citations: [NEWS.url, PAPER.url] })),
    sse([
      chunk({ content: 'New.' }, { citations: [NEWS.url] }),
      {
        ...chunk({}, { citations: [NEWS.url, PAPER.url], search_results: [NEWS, PAPER] }),
        choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
      },
      DONE,
    ]),
  ],
  [
    'openai',
    'gpt-5.5',
    json(said(annotated(bare, NEWS, PAPER))),
    sse([
      { type: 'response.output_text.annotation.added', output_index: 0, annotation: annotated(NEWS)[0] },
      { type: 'response.completed', response: said(annotated(NEWS, PAPER)) },
    ]),
  ],
  [
    'anthropic',
    'claude-haiku-4-5',
    json(message([{ type: 'text', text: 'New.', citations: [bare, NEWS, PAPER].map(located) }])),
    sse([
      { type: 'message_start', message: message([]) },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...[bare, NEWS, PAPER].map((one) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'citations_delta', citation: located(one) },
      })),
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'New.' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ]),
  ],
  [
    'gemini',
    'gemini-2.5-flash',
    json(candidate(grounded(bare, NEWS, PAPER))),
    sse([candidate({ ...grounded(bare), finishReason: undefined }), candidate(grounded(NEWS, PAPER))]),
  ],
]

describe('sources', () => {
  const ask = (provider: string, model: string) => ({
    ai: AI({ provider, server: { ...server, apiUrl: vendor.apiUrl } }),
    params: { model, messages, webSearch: true, retries: 0 },
  })

  it.each(REPLIES)(
    'of %s: each page once, with its title, plain and streamed',
    async (provider, model, plain, stream) => {
      const { ai, params } = ask(provider, model)
      vendor.answerWith(plain)
      expect((await ai.chat.text(params)).sources).toEqual([NEWS, PAPER])
      vendor.answerWith(stream)
      const end = (await collect(ai.chat.stream(params))).at(-1)
      expect(end).toMatchObject({ type: 'end', completeness: 'complete', completion: { sources: [NEWS, PAPER] } })
    },
  )

  const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [NEWS, PAPER] }
  const numbered = annotated({ ...NEWS, title: '1' }, { ...PAPER, title: 'Paper' }, { ...PAPER, title: '2' })

  it.each<[what: string, provider: string, model: string, reply: object, sources: AISource[]]>([
    [
      'addresses alone, as older replies have them',
      'perplexity',
      'sonar',
      chatCompletion({ content: 'New.' }, { citations: [NEWS.url, PAPER.url, 3] }),
      [bare, { url: PAPER.url }],
    ],
    ['a title that is the number of its mark is none', 'xai', 'grok-4.5', said(numbered), [bare, PAPER]],
    [
      'what was found, where the text cites none of it',
      'anthropic',
      'claude-haiku-4-5',
      message([found, { type: 'text', text: 'New.' }]),
      [NEWS, PAPER],
    ],
    [
      'what the text cites, and not all that was found',
      'anthropic',
      'claude-haiku-4-5',
      message([found, { type: 'text', text: 'New.', citations: [located(PAPER)] }]),
      [PAPER],
    ],
    [
      'what is no citation of a page is none',
      'openai',
      'gpt-5.5',
      said([{ type: 'file_citation', file_id: 'f', url: NEWS.url }, ...annotated(PAPER)]),
      [PAPER],
    ],
  ])('%s (%s)', async (_what, provider, model, reply, sources) => {
    const { ai, params } = ask(provider, model)
    vendor.answerWith(json(reply))
    expect((await ai.chat.text(params)).sources).toEqual(sources)
  })

  it('are no field where the vendor names none, or nothing with a URL', async () => {
    const { ai, params } = ask('anthropic', 'claude-haiku-4-5')
    vendor.answerWith(json(message([{ type: 'text', text: 'Old.', citations: [{ type: 'char_location' }] }])))
    expect(await ai.chat.text(params)).not.toHaveProperty('sources')
  })
})
