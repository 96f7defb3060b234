import type { OpenAI } from 'openai'
import type { AI, AIFactoryParams } from '../contract.ts'
import { models } from '../model.ts'
import { once } from '../once.ts'
import { chatCompletions } from '../protocols/chat-completions.ts'

/** OpenAI's chat completions. @see https://platform.openai.com/docs/api-reference/chat */
export const openai = ({ serverUrl, engineToken }: AIFactoryParams): AI<OpenAI> => {
  const sdk = once(async () => {
    const { OpenAI } = await import('openai')
    return new OpenAI({
      baseURL: `${serverUrl}/v1`,
      apiKey: engineToken,
      adminAPIKey: null,
      organization: null,
      project: null,
      maxRetries: 0, // complete.ts retries: it knows what has been delivered
      logLevel: 'off', // the SDK would print what it cannot parse
    })
  })
  return {
    provider: 'OPENAI' as const,
    sdk,
    chat: chatCompletions({
      models: openaiModels,
      create: async (body, options) => (await sdk()).chat.completions.create(body, options).asResponse(),
    }),
  }
}

/**
 * Reasoning models: they take no temperature and no stop sequences, and their instructions as `developer`.
 *
 * @see https://platform.openai.com/docs/guides/reasoning
 */
const reasoning = { refuses: ['creativity', 'stop'], systemRole: 'developer', maxOutputTokens: 128_000 } as const
const FROM_NONE = ['none', 'low', 'medium', 'high', 'xhigh'] as const
const FROM_NONE_TO_MAX = [...FROM_NONE, 'max'] as const
const FROM_LOW_TO_MAX = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/**
 * The chat models of the SDK's `ChatModel` without deprecated ones, dated snapshots and those that only the Responses API
 * serves; a type test holds the list against it.
 *
 * @see https://platform.openai.com/docs/models
 */
export const openaiModels = [
  ...models({ ...reasoning, reasoningEfforts: FROM_LOW_TO_MAX }, 'gpt-6.1-sol', 'gpt-6-astra'),
  ...models(
    { ...reasoning, reasoningEfforts: FROM_NONE_TO_MAX },
    'gpt-6.1-terra',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-5.6-sol',
    'gpt-5.6-terra',
    'gpt-5.6-luna',
  ),
  ...models({ ...reasoning, reasoningEfforts: FROM_NONE }, 'gpt-5.5', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.2'),
] as const
