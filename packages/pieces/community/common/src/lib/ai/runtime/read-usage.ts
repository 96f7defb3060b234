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
 * Reads a vendor's own usage object, in the words of whichever wire, as the providers read it: for who sees replies pass
 * by and does not know by whom they were asked for.
 *
 * @param usage the object itself: `usage` of chat completions, responses, messages, Converse and Cohere, `usageMetadata`
 *   of Gemini, `metrics` of Replicate; of messages in a stream those of start and end put together
 * @returns undefined where it has no word for tokens
 */
export function readUsage(usage: JsonObject): AIChatCompletionUsage | undefined {
  const parse = PROTOCOLS.find(({ fields }) => fields.some((field) => usage[field] !== undefined))?.parse
  const read = parse?.(usage)
  return read && { ...read, parts: usageParts(read) }
}

/**
 * What the vendor itself says that a call has cost, in US dollars: OpenRouter and Perplexity do.
 *
 * @see https://openrouter.ai/docs/use-cases/usage-accounting
 * @see https://docs.perplexity.ai/api-reference/chat-completions-post
 */
export function readCost(usage: JsonObject): number | undefined {
  const cost = numberAt(usage, 'cost') ?? numberAt(objectAt(usage, 'cost'), 'total_cost')
  return cost !== undefined && cost >= 0 ? cost : undefined
}

type Protocol = { fields: readonly string[]; parse: (usage: JsonObject) => AIChatCompletionUsage }

/** By the fields that only this wire has; Anthropic's names are those of the responses and more. */
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

/** Cohere, where it tells no tokens beside what it bills. */
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

/** Where a reply, or an event of a stream, has its usage: in whichever wire's place. */
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
