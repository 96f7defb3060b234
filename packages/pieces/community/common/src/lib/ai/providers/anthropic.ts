import type { Anthropic } from '@anthropic-ai/sdk'
import { models } from '../contract/model.ts'
import type { AI, AIFactoryParams } from '../contract/registry.ts'
import { anthropicMessages } from '../protocols/anthropic-messages/chat.ts'
import { once } from '../protocols/shared/once.ts'
import { vendorModels } from '../protocols/shared/vendor-models.ts'

/** Anthropic. @see https://docs.anthropic.com/en/api/messages */
export const anthropic = ({ serverUrl, engineToken }: AIFactoryParams): AI<Anthropic> => {
  const sdk = once(async () => {
    const [{ Anthropic }, { httpFetch }] = await Promise.all([
      import('@anthropic-ai/sdk'),
      import('../protocols/shared/http-fetch.ts'),
    ])
    return new Anthropic({
      baseURL: serverUrl,
      apiKey: null,
      authToken: engineToken, // as `Authorization: Bearer`
      maxRetries: 0, // runtime/retry.ts retries
      fetch: httpFetch,
      logLevel: 'off', // the SDK would log responses that it cannot parse
      timeout: 600_000, // without it the SDK rejects long requests that are not streamed
    })
  })
  return {
    provider: 'ANTHROPIC' as const,
    sdk,
    chat: anthropicMessages({
      models: anthropicModels,
      maxTokensOfUnknownModels: 64_000,
      // Not messages.create(), which logs deprecations to the console.
      create: async (body, options) => (await sdk()).post('/v1/messages', { body, ...options }).asResponse(),
    }),
    models: vendorModels({
      get: async (query, options) => (await sdk()).get('/v1/models', { query, ...options }),
      cursor: 'after_id',
      query: { limit: '1000' },
    }),
  }
}

const EFFORTS = ['low', 'medium', 'high', 'max'] as const
const WITH_XHIGH = ['low', 'medium', 'high', 'xhigh', 'max'] as const
const current = {
  maxOutputTokens: 128_000,
  refuses: ['creativity'],
  reasoningEfforts: ['none', ...WITH_XHIGH],
} as const
const alwaysThinks = { ...current, refuses: ['creativity', 'toolChoice'], reasoningEfforts: WITH_XHIGH } as const

/**
 * Models of the SDK's `Model` type, without deprecated ones and dated snapshots. A type test compares the two.
 *
 * @see https://docs.anthropic.com/en/docs/about-claude/models/overview
 */
export const anthropicModels = [
  ...models(
    alwaysThinks,
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-fable-5-2',
    'claude-fable-5-1',
    'claude-mythos-5-2',
    'claude-mythos-5-1',
  ),
  ...models({ ...alwaysThinks, refuses: ['creativity'] }, 'claude-fable-5', 'claude-mythos-5'),
  ...models(
    current,
    'claude-haiku-5-5',
    'claude-opus-5',
    'claude-sonnet-5',
    'claude-opus-4-8',
    'claude-opus-4-7',
    'claude-mythos-preview',
  ),
  ...models(
    { maxOutputTokens: 128_000, reasoningEfforts: ['none', ...EFFORTS] },
    'claude-opus-4-6',
    'claude-sonnet-4-6',
  ),
  ...models(
    { maxOutputTokens: 64_000, thinking: 'budget', reasoningEfforts: ['none', 'minimal', ...EFFORTS] },
    'claude-opus-4-5',
    'claude-haiku-4-5',
  ),
] as const

/** Tells an admin where to get a key. */
export const anthropicInstructions = `Get a Claude API key:

1. Open https://platform.claude.com/settings/keys.
2. Choose **Create Key**, copy the key and paste it here.
`
