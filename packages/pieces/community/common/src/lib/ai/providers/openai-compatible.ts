import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/**
 * Any server with OpenAI's Chat Completions API, at the connection's base URL: gateways, vLLM, LM Studio, llama.cpp …
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export const openaiCompatibleProvider = openaiCompatible({
  provider: 'OPENAI_COMPATIBLE' as const,
  models: [],
  quirks: { maxTokensField: 'max_tokens', noJsonSchema: true, endsWithoutDone: true, thinkTags: true },
  media: { embedding: {} },
})
