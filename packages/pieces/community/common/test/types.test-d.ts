import type { Anthropic } from '@anthropic-ai/sdk'
import type { OpenAI } from 'openai'
import { expectTypeOf, test } from 'vitest'
import type { AIChatResponse, AIClient, AIImageClient, AI as AIOf, AiProvider } from '../src/index.ts'
import { AI, type AiProviders } from '../src/index.ts'

const server = { apiUrl: '', publicUrl: '', token: '' }

// This file is compiled and never run.
test('a literal provider gives its own SDK, any other string an unknown one', () => {
  expectTypeOf(AI({ provider: 'openai', server }).sdk).returns.resolves.toEqualTypeOf<OpenAI>()
  expectTypeOf(AI({ provider: 'anthropic', server }).sdk).returns.resolves.toEqualTypeOf<Anthropic>()
  expectTypeOf(AI({ provider: 'openai@eu', server }).sdk).returns.resolves.toEqualTypeOf<OpenAI>()
  expectTypeOf(AI({ provider: 'openai' as string, server }).sdk).returns.resolves.toBeUnknown()
  expectTypeOf(AI({ provider: 'openai@eu' as `${string}@${string}`, server }).sdk).returns.resolves.toBeUnknown()
  expectTypeOf<'anthropic' | 'groq' | 'ollama' | 'openai' | 'openai-compatible'>().toExtend<AiProvider>()
  expectTypeOf<'some-vendor'>().not.toExtend<AiProvider>()
})

test('a literal that names no provider is an error', () => {
  // @ts-expect-error a typing error
  AI({ provider: 'opneai', server })
  // @ts-expect-error a connection of no provider
  AI({ provider: 'opneai@eu', server })
})

test('the minimal provider of the page is an AI', () => {
  type Minimal = { provider: 'YOUR_AI_PROVIDER'; chat: { text: () => Promise<AIChatResponse> } }
  expectTypeOf<Minimal>().toExtend<AIOf<unknown>>()
})

// ---- Model ids

const messages = [{ role: 'user' as const, content: 'Hello' }]
const openai = AI({ provider: 'openai', server })

test('known model ids complete in an editor, and any other id is accepted', async () => {
  type ChatModel = Literals<Parameters<typeof openai.chat.text>[0]['model']>
  expectTypeOf<'gpt-5.5'>().toExtend<ChatModel>()
  expectTypeOf<'gpt-image-2'>().not.toExtend<ChatModel>()
  type ImageModel = Literals<Parameters<NonNullable<typeof openai.image>['generate']>[0]['model']>
  expectTypeOf<'gpt-image-2'>().toExtend<ImageModel>()
  expectTypeOf<'gpt-5.5'>().not.toExtend<ImageModel>()
  await openai.chat.text({ model: 'gpt-of-tomorrow', messages })
  await openai.chat.text({ model: 'gpt-5.5' as string, messages })
  await openai.moderation?.create({ input: 'A piece' })
  const reply = await openai.embedding?.create({ model: 'text-embedding-3-small', input: ['A piece'] })
  expectTypeOf(reply?.embeddings).toEqualTypeOf<number[][] | undefined>()
})

test('a capability that not every provider has may be undefined', async () => {
  // @ts-expect-error it may be undefined
  await openai.image.generate({ model: 'gpt-image-2', prompt: 'A piece' })
  const any: AIClient = openai // the client of a known provider is assignable to a plain one
  expectTypeOf(any.image).toEqualTypeOf<AIImageClient | undefined>()
})

// ---- The registry's models are the SDKs' own, and what is left out is left out on purpose.

/** The literals of a union that also takes any string. */
type Literals<T> = T extends string ? (string extends T ? never : T) : never
type ModelsOf<Value> = Extract<(typeof AiProviders)[number], { value: Value }>['models'][number]['value']

/** With an announced shutdown, says the SDK. */
type DeprecatedOfOpenAI =
  | `gpt-3.5-${string}`
  | `gpt-4${string}`
  | `chatgpt-4o-${string}`
  | `gpt-audio-${string}`
  | 'codex-mini-latest'
  | `o${1 | 3 | 4}${string}`
  | `gpt-5-${string}`
  | 'gpt-5'
  | `gpt-5.1${string}`
  | `gpt-5.${2 | 3}-chat-latest`
  | 'gpt-5.4-nano'
/** A snapshot of a model that is in the list under its plain name. */
type DatedSnapshot = `${string}-20${number}-${number}-${number}` | `${string}-20${number}`
/** Drives a computer by a tool that the interface does not have. */
type ComputerUse = 'computer-use-preview'
/** In the SDK's `ChatModel`, though the Responses API alone serves it. */
type NoChatModel = 'gpt-5.2-pro'
type RetiredImageModel = 'gpt-image-1' | `dall-e-${number}`
type Left = DeprecatedOfOpenAI | DatedSnapshot | ComputerUse | RetiredImageModel
type OpenAIModel = Extract<(typeof AiProviders)[number], { value: 'openai' }>['models'][number]
type ImageModels = Exclude<Literals<OpenAI.ImageModel>, Left>
/** Older than `omni-moderation`, and for texts alone. */
type TextModeration = `text-moderation-${string}`
type OtherMedia = Exclude<
  Literals<OpenAI.EmbeddingModel | OpenAI.ModerationModel | OpenAI.AudioModel | OpenAI.Audio.SpeechModel>,
  DatedSnapshot | TextModeration
>

test("OpenAI's models are those of the SDK", () => {
  type Current = Exclude<Literals<OpenAI.ResponsesModel>, Left> | ImageModels | OtherMedia
  expectTypeOf<ModelsOf<'openai'>>().toEqualTypeOf<Current>()
})

test('those that the Responses API alone serves say so', () => {
  type ResponsesOnly = Exclude<Literals<OpenAI.ResponsesModel>, Exclude<OpenAI.ChatModel, NoChatModel> | Left>
  expectTypeOf<Extract<OpenAIModel, { protocol: 'responses' }>['value']>().toEqualTypeOf<ResponsesOnly>()
})

type DeprecatedOfAnthropic = 'claude-sonnet-4-5'

test("Anthropic's models are those of the SDK", () => {
  type Current = Exclude<Literals<Anthropic.Model>, DeprecatedOfAnthropic | DatedSnapshot>
  expectTypeOf<ModelsOf<'anthropic'>>().toEqualTypeOf<Current>()
})
