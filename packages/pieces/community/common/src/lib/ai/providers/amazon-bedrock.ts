import { models } from '../contract/model.ts'
import type { AI, AIFactoryParams } from '../contract/registry.ts'
import { bedrockConverse } from '../protocols/bedrock-converse/chat.ts'

/**
 * Amazon Bedrock by its Converse API, with an API key, and without AWS's SDK: `@aws-sdk/client-bedrock-runtime` takes a token
 * too, but speaks HTTP/2 to whatever it is pointed at unless it gets another handler, gives what it has parsed and drops
 * what is newer than itself, wants a region that the base URL has already, and takes 90 ms and 13 MB to load. So there is no
 * `sdk()`. AWS's signatures (SigV4) are not offered: they cover the host, which is our proxy's here.
 *
 * The vendor's list of models is at another host, `bedrock.{region}` and not `bedrock-runtime.{region}`, which the connection
 * does not reach: what `listModels` gives is the list below.
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
 * A `global.` model answers in every region; one without such a form has the id that is served in us-east-1. The same model
 * under another geography (`eu.`, `jp.` …) or as an ARN takes what the one here takes.
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
