import type { Anthropic } from '@anthropic-ai/sdk'
import type { OpenAI } from 'openai'
import { expectTypeOf, test } from 'vitest'
import type { AIChatResponse, AIClient, AIImageClient, AI as AIOf, AiProvider, ProviderModels } from '../src/index.ts'
import { AI, type AiProviders, supports } from '../src/index.ts'

const server = { apiUrl: '', publicUrl: '', token: '' }

test('a literal provider gives its own SDK, any other text an unknown one', () => {
  expectTypeOf(AI({ provider: 'openai', server })).toEqualTypeOf<AIClient<OpenAI, ProviderModels<'openai'>>>()
  expectTypeOf(AI({ provider: 'anthropic', server })).toEqualTypeOf<AIClient<Anthropic, ProviderModels<'anthropic'>>>()
  expectTypeOf(AI({ provider: 'openai@eu', server })).toEqualTypeOf<AIClient<OpenAI, ProviderModels<'openai'>>>()
  expectTypeOf(AI({ provider: 'openai' as string, server }).sdk).returns.resolves.toBeUnknown()
  expectTypeOf<'anthropic' | 'groq' | 'ollama' | 'openai' | 'openai-compatible'>().toExtend<AiProvider>()
  expectTypeOf<'some-vendor'>().not.toExtend<AiProvider>()
})

test('the minimal provider of the page is an AI', () => {
  type Minimal = { provider: 'YOUR_AI_PROVIDER'; chat: { text: () => Promise<AIChatResponse> } }
  expectTypeOf<Minimal>().toExtend<AIOf<unknown>>()
})

// ---- What a model lacks is a compile error where its id is a literal

const messages = [{ role: 'user' as const, content: 'Hello' }]
const openai = AI({ provider: 'openai', server })
const anthropic = AI({ provider: 'anthropic', server })

// This file is compiled and never run.
test('a literal model must not lack what the call needs', async () => {
  await openai.chat.text({ model: 'gpt-5.5', messages })
  await openai.chat.text({ model: 'gpt-of-tomorrow', messages })
  await openai.chat.text({ model: 'gpt-5.5' as string, messages })
  // @ts-expect-error it makes images and does not chat
  await openai.chat.text({ model: 'gpt-image-2', messages })
  // @ts-expect-error for streams, too
  openai.chat.stream({ model: 'gpt-image-2', messages })
  // @ts-expect-error for values, too
  await openai.chat.object({ model: 'gpt-image-2', messages, schema: {} })
  // @ts-expect-error for loops, too
  openai.chat.run({ model: 'gpt-image-2', messages, tools: [] })
  // @ts-expect-error for the explanation of any of them, too
  await openai.explain({ model: 'gpt-image-2', messages })
  await AI({ provider: 'openai@eu', server }).chat.text({ model: 'gpt-5.5', messages })
  // @ts-expect-error for a further connection, too
  await AI({ provider: 'openai@eu', server }).chat.text({ model: 'gpt-image-2', messages })
  await AI({ provider: 'openai' as string, server }).chat.text({ model: 'gpt-image-2', messages })
})

// This file is compiled and never run.
test('supports() narrows the type', async () => {
  // @ts-expect-error nobody has asked whether it is there
  await openai.image.generate({ model: 'gpt-image-2', prompt: 'A piece' })
  if (supports(openai, 'image')) {
    await openai.image.generate({ model: 'gpt-image-2', prompt: 'A piece' })
    await openai.image.generate({ model: 'gpt-image-of-tomorrow', prompt: 'A piece' })
    // @ts-expect-error it chats and makes no images
    await openai.image.generate({ model: 'gpt-5.5', prompt: 'A piece' })
  }
  if (supports(openai, 'embedding')) {
    const reply = await openai.embedding.create({ model: 'text-embedding-3-small', input: ['A piece'] })
    expectTypeOf(reply.embeddings).toEqualTypeOf<number[][]>()
    // @ts-expect-error it chats and makes no embeddings
    await openai.embedding.create({ model: 'gpt-5.5', input: 'A piece' })
  }
  if (supports(openai, 'moderation')) {
    await openai.moderation.create({ input: 'A piece' })
    await openai.moderation.create({ model: 'omni-moderation-latest', input: 'A piece' })
    // @ts-expect-error it chats and does not moderate
    await openai.moderation.create({ model: 'gpt-5.5', input: 'A piece' })
  }
  if (supports(openai, 'image')) {
    const images = [{ base64: '', mediaType: 'image/png' }]
    await openai.image.edit({ model: 'gpt-image-2', prompt: 'A piece', images })
    // @ts-expect-error it chats and edits no images
    await openai.image.edit({ model: 'gpt-5.5', prompt: 'A piece', images })
  }
  if (supports(openai, 'speech')) {
    await openai.audio.speech({ model: 'tts-1', input: 'A piece', voice: 'alloy' })
    // @ts-expect-error it listens and does not speak
    await openai.audio.speech({ model: 'whisper-1', input: 'A piece', voice: 'alloy' })
    // @ts-expect-error nobody has asked whether it listens
    await openai.audio.transcribe({ model: 'whisper-1', file: { base64: '', mediaType: 'audio/mpeg' } })
  }
  if (supports(openai, 'transcription')) {
    await openai.audio.transcribe({ model: 'whisper-1', file: { base64: '', mediaType: 'audio/mpeg' } })
    // @ts-expect-error it speaks and does not listen
    await openai.audio.transcribe({ model: 'tts-1', file: { base64: '', mediaType: 'audio/mpeg' } })
  }
  // @ts-expect-error it makes embeddings and does not chat
  await openai.chat.text({ model: 'text-embedding-3-small', messages })
  if (supports(anthropic, 'text')) await anthropic.chat.text({ model: 'claude-sonnet-5-5', messages })
  const any: AIClient = openai // the AI of a known vendor fits where any is asked for
  if (supports(any, 'image')) expectTypeOf(any.image).toExtend<AIImageClient>()
  // @ts-expect-error no such capability
  supports(openai, 'dance')
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
