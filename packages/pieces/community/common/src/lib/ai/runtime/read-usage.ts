import type { AIChatCompletionUsage } from '../contract/chat.ts'
import * as messages from '../protocols/anthropic-messages/reply.ts'
import * as converse from '../protocols/bedrock-converse/reply.ts'
import * as chatCompletions from '../protocols/chat-completions/reply.ts'
import * as cohere from '../protocols/cohere/reply.ts'
import * as gemini from '../protocols/gemini/reply.ts'
import * as responses from '../protocols/responses/reply.ts'
import { isObject, type JsonObject, numberAt, objectAt } from '../protocols/shared/json.ts'
import { usageParts } from '../protocols/shared/usage.ts'

/**
 * Reads a vendor's usage object of any protocol, as the providers do. For observers such as the proxy, which do not know
 * the protocol.
 *
 * @param usage the usage object itself; for a streamed Anthropic message, those of start and end merged
 * @returns undefined if it has no token counts
 */
export function readUsage(usage: JsonObject): AIChatCompletionUsage | undefined {
  const parse = PROTOCOLS.find(({ fields }) => fields.some((field) => usage[field] !== undefined))?.parse
  const read = parse?.(usage)
  return read && { ...read, parts: usageParts(read) }
}

/**
 * Returns the cost of a call in US dollars as reported by the vendor: OpenRouter and Perplexity do.
 *
 * @see https://openrouter.ai/docs/use-cases/usage-accounting
 * @see https://docs.perplexity.ai/api-reference/chat-completions-post
 */
export function readCost(usage: JsonObject): number | undefined {
  const cost = numberAt(usage, 'cost') ?? numberAt(objectAt(usage, 'cost'), 'total_cost')
  return cost !== undefined && cost >= 0 ? cost : undefined
}

type Protocol = { fields: readonly string[]; parse: (usage: JsonObject) => AIChatCompletionUsage }

/** Protocols by the fields that only they have. Anthropic's fields include those of Responses, so it comes first. */
const PROTOCOLS: readonly Protocol[] = [
  { fields: ['prompt_tokens', 'completion_tokens'], parse: chatCompletions.parseUsage },
  { fields: ['cache_creation_input_tokens', 'cache_read_input_tokens'], parse: messages.parseUsage },
  { fields: ['input_tokens', 'output_tokens'], parse: responses.parseUsage },
  { fields: ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'], parse: gemini.parseUsage },
  { fields: ['inputTokens', 'outputTokens'], parse: converse.parseUsage },
  { fields: ['tokens'], parse: cohere.parseUsage },
  { fields: ['billed_units'], parse: billedUnits },
  { fields: ['input_token_count', 'output_token_count'], parse: counted },
]

/** Cohere, if it only reports billed units. */
function billedUnits(usage: JsonObject): AIChatCompletionUsage {
  return { ...cohere.parseUsage({ tokens: objectAt(usage, 'billed_units') }), raw: usage }
}

/** Replicate's language models. */
function counted(usage: JsonObject): AIChatCompletionUsage {
  return {
    promptTokens: numberAt(usage, 'input_token_count'),
    completionTokens: numberAt(usage, 'output_token_count'),
    totalTokens: undefined,
    raw: usage,
  }
}

/** Finds the usage object in a response, or in an event of a stream, of any protocol. */
export function usageIn(reply: JsonObject): JsonObject | undefined {
  const places = [
    reply,
    ...[reply['response'], reply['message'], reply['delta'], reply['x_groq'], reply['meta']].filter(isObject),
  ]
  for (const place of places) {
    const found = place['usage'] ?? place['usageMetadata']
    if (isObject(found)) return found
  }
  const units = objectAt(reply, 'meta')
  if (isObject(units['billed_units'])) return units
  return isObject(reply['metrics']) ? reply['metrics'] : undefined
}
