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

/** Tells an admin where to get a key. */
export const openaiCompatibleInstructions = `Connect any server with OpenAI's chat completions API (https://platform.openai.com/docs/api-reference/chat),
such as a gateway, vLLM, LM Studio or llama.cpp:

1. Enter its address as the base URL, without \`/v1\`.
2. Enter its key, if it requires one.

Each connection has its own name: flows refer to it as \`openai-compatible@my-gateway\`.
`
