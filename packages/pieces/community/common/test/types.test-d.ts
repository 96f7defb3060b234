import type { Anthropic } from '@anthropic-ai/sdk'
import type { OpenAI } from 'openai'
import { expectTypeOf, test } from 'vitest'
import type { AIChatReply, AI as AIOf, AiProvider, CompleteAI } from '../src/index.ts'
import { AI, type AiProviders } from '../src/index.ts'

const server = { apiUrl: '', publicUrl: '', token: '' }

test('a literal provider gives its own SDK, any other text an unknown one', () => {
  expectTypeOf(AI({ provider: 'openai', server })).toEqualTypeOf<CompleteAI<OpenAI>>()
  expectTypeOf(AI({ provider: 'anthropic', server })).toEqualTypeOf<CompleteAI<Anthropic>>()
  expectTypeOf(AI({ provider: 'openai@eu', server })).toEqualTypeOf<CompleteAI<OpenAI>>()
  expectTypeOf(AI({ provider: 'openai' as string, server }).sdk).returns.resolves.toBeUnknown()
  expectTypeOf<'anthropic' | 'groq' | 'ollama' | 'openai' | 'openai-compatible'>().toExtend<AiProvider>()
  expectTypeOf<'some-vendor'>().not.toExtend<AiProvider>()
})

test('the minimal provider of the page is an AI', () => {
  type Minimal = { provider: 'YOUR_AI_PROVIDER'; chat: { text: () => Promise<AIChatReply> } }
  expectTypeOf<Minimal>().toExtend<AIOf<unknown>>()
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
type Left = DeprecatedOfOpenAI | DatedSnapshot | ComputerUse

test("OpenAI's models are those of the SDK", () => {
  type Current = Exclude<Literals<OpenAI.ResponsesModel>, Left>
  expectTypeOf<ModelsOf<'openai'>>().toEqualTypeOf<Current>()
})

test('those that the Responses API alone serves say so', () => {
  type ResponsesOnly = Exclude<Literals<OpenAI.ResponsesModel>, Exclude<OpenAI.ChatModel, NoChatModel> | Left>
  type Model = Extract<(typeof AiProviders)[number], { value: 'openai' }>['models'][number]
  expectTypeOf<Extract<Model, { wire: 'responses' }>['value']>().toEqualTypeOf<ResponsesOnly>()
})

type DeprecatedOfAnthropic = 'claude-sonnet-4-5'

test("Anthropic's models are those of the SDK", () => {
  type Current = Exclude<Literals<Anthropic.Model>, DeprecatedOfAnthropic | DatedSnapshot>
  expectTypeOf<ModelsOf<'anthropic'>>().toEqualTypeOf<Current>()
})
