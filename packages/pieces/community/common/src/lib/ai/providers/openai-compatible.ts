import { openaiCompatible } from '../protocols/openai-compatible.ts'

/** Any server that speaks chat completions, at the base URL of its connection: gateways, vLLM, LM Studio, llama.cpp … */
export const openaiCompatibleProvider = openaiCompatible({
  provider: 'OPENAI_COMPATIBLE' as const,
  models: [],
  quirks: { maxTokensField: 'max_tokens', noJsonSchema: true, endsWithoutDone: true, thinkTags: true },
  media: { embedding: {} },
})
