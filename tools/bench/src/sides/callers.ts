import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Anthropic } from '@anthropic-ai/sdk'
import { OpenAI } from 'openai'
import { LIBRARY_DIR } from '../library.ts'
import { PEERS_DIR } from '../peers.ts'

/** One library with one vendor's protocol. Both functions return the text. `stream` calls `first` on the first delta. */
export type Caller = {
  text: () => Promise<string>
  stream: (chunks: number, first: () => void) => Promise<string>
}

const MESSAGES = [{ role: 'user' as const, content: 'What is a piece?' }]
const TOKEN = 'engine-token-1'

/** @param url the upstream's API, with a slash at the end */
export const CALLERS: Record<string, (url: string) => Promise<Caller>> = {
  'ours-openai': (url) => ours('openai', url),
  'ours-anthropic': (url) => ours('anthropic', url),
  'sdk-openai': async (url) => openaiSdk(new OpenAI({ apiKey: TOKEN, baseURL: `${proxy(url, 'openai')}/v1` })),
  'sdk-anthropic': async (url) =>
    anthropicSdk(new Anthropic({ apiKey: null, authToken: TOKEN, baseURL: proxy(url, 'anthropic') })),
  'vercel-openai': async (url) => {
    const { createOpenAI } = await peer('@ai-sdk/openai')
    return vercel(createOpenAI({ apiKey: TOKEN, baseURL: `${proxy(url, 'openai')}/v1` }).chat, 'gpt-5.5')
  },
  'vercel-anthropic': async (url) => {
    const { createAnthropic } = await peer('@ai-sdk/anthropic')
    return vercel(createAnthropic({ apiKey: TOKEN, baseURL: `${proxy(url, 'anthropic')}/v1` }), 'claude-sonnet-5-5')
  },
}

function proxy(url: string, provider: string): string {
  return `${url}v1/ai-providers/proxy/${provider}`
}

async function ours(provider: 'openai' | 'anthropic', apiUrl: string): Promise<Caller> {
  const library: typeof import('@activepieces/pieces-common') = await import(
    pathToFileURL(join(LIBRARY_DIR, 'index.js')).href
  )
  const ai = library.AI({ provider, server: { apiUrl, token: TOKEN } })
  const model = provider === 'openai' ? 'gpt-5.5' : 'claude-sonnet-5-5'
  return {
    text: async () => (await ai.chat.text({ model, messages: MESSAGES })).choices[0]?.content ?? '',
    stream: async (chunks, first) => {
      let text = ''
      for await (const event of ai.chat.stream({ model: `stream-${chunks}`, messages: MESSAGES })) {
        if (event.type !== 'text-delta') continue
        if (text === '') first()
        text += event.text
      }
      return text
    },
  }
}

function openaiSdk(sdk: OpenAI): Caller {
  return {
    text: async () => {
      const completion = await sdk.chat.completions.create({ model: 'gpt-5.5', messages: MESSAGES })
      return completion.choices[0]?.message.content ?? ''
    },
    stream: async (chunks, first) => {
      let text = ''
      const stream = await sdk.chat.completions.create({ model: `stream-${chunks}`, messages: MESSAGES, stream: true })
      for await (const chunk of stream) {
        const delta = chunk.choices[0]?.delta.content
        if (!delta) continue
        if (text === '') first()
        text += delta
      }
      return text
    },
  }
}

function anthropicSdk(sdk: Anthropic): Caller {
  return {
    text: async () => {
      const message = await sdk.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 1000, messages: MESSAGES })
      return message.content[0]?.type === 'text' ? message.content[0].text : ''
    },
    stream: async (chunks, first) => {
      let text = ''
      const stream = await sdk.messages.create({
        model: `stream-${chunks}`,
        max_tokens: 1000,
        messages: MESSAGES,
        stream: true,
      })
      for await (const event of stream) {
        if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') continue
        if (text === '') first()
        text += event.delta.text
      }
      return text
    },
  }
}

async function vercel(modelOf: (id: string) => unknown, model: string): Promise<Caller> {
  Reflect.set(globalThis, 'AI_SDK_LOG_WARNINGS', false) // printing warnings would be measured too
  const { generateText, streamText } = await peer('ai')
  const params = { messages: MESSAGES, maxOutputTokens: 1000 }
  return {
    text: async () => (await generateText({ ...params, model: modelOf(model) })).text,
    stream: async (chunks, first) => {
      let text = ''
      for await (const delta of streamText({ ...params, model: modelOf(`stream-${chunks}`) }).textStream) {
        if (text === '') first()
        text += delta
      }
      return text
    },
  }
}

/** The part of the Vercel AI SDK used here. Its types are not installed with ours. */
type Vercel = {
  createOpenAI: (options: object) => { chat: (id: string) => unknown }
  createAnthropic: (options: object) => (id: string) => unknown
  generateText: (options: object) => Promise<{ text: string }>
  streamText: (options: object) => { textStream: AsyncIterable<string> }
}

async function peer(name: string): Promise<Vercel> {
  const resolved = createRequire(join(PEERS_DIR, 'package.json')).resolve(name)
  return await import(pathToFileURL(resolved).href)
}
