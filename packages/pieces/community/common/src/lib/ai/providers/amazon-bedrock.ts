import { models } from '../contract/model.ts'
import type { AI, AIFactoryParams } from '../contract/registry.ts'
import { bedrockConverse } from '../protocols/bedrock-converse/chat.ts'

/**
 * Amazon Bedrock over its Converse API, with an API key.
 *
 * There is no `sdk()`: `@aws-sdk/client-bedrock-runtime` uses HTTP/2 by default, drops response fields that are newer than
 * itself, requires a region that the base URL already contains, and takes 90 ms and 13 MB to load. AWS signatures (SigV4) are
 * not supported, because they cover the host, which is our proxy.
 *
 * There is no live list of models, because it is on another host (`bedrock.{region}` instead of `bedrock-runtime.{region}`).
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html
 */
export const amazonBedrock = ({ serverUrl, engineToken }: AIFactoryParams): AI => ({
  provider: 'AMAZON_BEDROCK' as const,
  chat: bedrockConverse({
    models: amazonBedrockModels,
    send: async (body, { signal }, path) => {
      const { postJson } = await import('../protocols/shared/post-json.ts')
      return await postJson(`${serverUrl}${path}`, body, { engineToken, signal })
    },
  }),
})

const EFFORTS = ['low', 'medium', 'high', 'max'] as const
const WITH_XHIGH = ['low', 'medium', 'high', 'xhigh', 'max'] as const
const claude = { maxOutputTokens: 128_000, structuredOutput: true, thinking: 'adaptive' } as const
const olderClaude = { maxOutputTokens: 64_000, structuredOutput: true, thinking: 'budget' } as const

/**
 * A `global.` model is available in every region; the others have their ids of us-east-1. The traits also apply to the same
 * model in another geography (`eu.`, `jp.` …) or as an ARN.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
 * and https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
 */
export const amazonBedrockModels = [
  ...models(
    { ...claude, refuses: ['creativity', 'toolChoice'], reasoningEfforts: WITH_XHIGH },
    'global.anthropic.claude-opus-5-5',
  ),
  ...models(
    { ...claude, refuses: ['creativity'], reasoningEfforts: ['none', ...WITH_XHIGH] },
    'global.anthropic.claude-opus-5',
    'global.anthropic.claude-sonnet-5',
    'global.anthropic.claude-opus-4-8',
    'global.anthropic.claude-opus-4-7',
  ),
  ...models(
    { ...claude, reasoningEfforts: ['none', ...EFFORTS] },
    'global.anthropic.claude-opus-4-6-v1',
    'global.anthropic.claude-sonnet-4-6',
  ),
  ...models(
    { ...olderClaude, reasoningEfforts: ['none', 'minimal', ...EFFORTS] },
    'global.anthropic.claude-opus-4-5-20251101-v1:0',
    'global.anthropic.claude-haiku-4-5-20251001-v1:0',
    'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ),
  ...models(
    { thinking: 'nova', promptCache: 'short', reasoningEfforts: ['none', 'low', 'medium', 'high'] },
    'global.amazon.nova-2-lite-v1:0',
  ),
  ...models(
    { maxOutputTokens: 10_000, promptCache: 'short' },
    'us.amazon.nova-premier-v1:0',
    'amazon.nova-pro-v1:0',
    'amazon.nova-lite-v1:0',
    'amazon.nova-micro-v1:0',
  ),
  ...models(
    {
      refuses: ['stop'],
      promptCache: 'none',
      structuredOutput: true,
      thinking: 'reasoning_effort',
      reasoningEfforts: ['low', 'medium', 'high'],
    },
    'openai.gpt-oss-120b-1:0',
    'openai.gpt-oss-20b-1:0',
  ),
  ...models(
    { promptCache: 'none', structuredOutput: true, thinking: 'reasoning_config', reasoningEfforts: ['high'] },
    'qwen.qwen3-32b-v1:0',
  ),
  ...models({ promptCache: 'none', structuredOutput: true }, 'minimax.minimax-m2', 'zai.glm-4.7-flash'),
  ...models(
    { promptCache: 'none', refuses: ['toolChoice'] },
    'us.meta.llama4-maverick-17b-instruct-v1:0',
    'us.meta.llama4-scout-17b-instruct-v1:0',
  ),
] as const

/** Tells an admin where to get a key. */
export const amazonBedrockInstructions = `Get an Amazon Bedrock API key:

1. Open https://console.aws.amazon.com/bedrock/home#/api-keys and select your region at the top.
2. Choose **Long-term API keys**, generate a key, copy it and paste it here. Short-term keys expire after at most 12 hours.
3. Enter the base URL of the same region: \`https://bedrock-runtime.eu-central-1.amazonaws.com\` for Frankfurt. A key
   only works in its own region.

Some models, such as Anthropic's, require a use case form first, in the console's model catalog.
`
