import type { AIChatCompletionUsage } from '../contract/chat.ts'
import { anthropicMessagesObserver } from '../protocols/anthropic-messages/observe.ts'
import { bedrockConverseObserver } from '../protocols/bedrock-converse/observe.ts'
import { chatCompletionsObserver } from '../protocols/chat-completions/observe.ts'
import { cohereObserver } from '../protocols/cohere/observe.ts'
import { geminiObserver } from '../protocols/gemini/observe.ts'
import { openaiMediaObserver } from '../protocols/openai-media/observe.ts'
import { responsesObserver } from '../protocols/responses/observe.ts'
import { isObject, type JsonObject, numberAt, objectAt } from '../protocols/shared/json.ts'
import type { AIOperation, ProtocolObserver } from '../protocols/shared/observer.ts'
import { usageParts } from '../protocols/shared/usage.ts'

/** Anthropic's usage fields include those of Responses, so it comes first. */
const OBSERVERS: readonly ProtocolObserver[] = [
  chatCompletionsObserver,
  anthropicMessagesObserver,
  responsesObserver,
  geminiObserver,
  bedrockConverseObserver,
  cohereObserver,
  openaiMediaObserver,
]

const OPERATIONS = OBSERVERS.flatMap(({ operations }) => operations)
const USAGES = OBSERVERS.flatMap(({ usages = [] }) => usages)

/** Fields with the finish reason, in the protocols that have one at a fixed name. */
export const FINISH_REASON_FIELDS = OBSERVERS.flatMap(({ finishReasonField }) => finishReasonField ?? [])

/** Returns the operation of a call in any protocol; undefined if unknown. */
export function operationOf(method: string, path: string): AIOperation | undefined {
  const [plain = ''] = path.split('?', 1)
  if (method === 'GET' && /\/models(\/[^/]+)?$/.test(plain)) return 'models'
  return OPERATIONS.find(([pattern]) => pattern.test(plain))?.[1]
}

/** Returns the model that a path names, e.g. `/v1/models/<model>:verb`, `/deployments/<model>/…`, `/model/<model>/verb`. */
export function modelInPath(path: string): string | undefined {
  const [, found] =
    path.match(/\/(?:models|deployments|model)\/([^?]+?)(?::\w+$|:\w+\?|\/(?:predictions|[\w-]+)(?:$|[/?]))/) ?? []
  try {
    return found === undefined ? undefined : decodeURIComponent(found)
  } catch {
    return found
  }
}

/**
 * Reads a vendor's usage object of any protocol, as the providers do. For observers such as the proxy, which do not know
 * the protocol.
 *
 * @param usage the usage object itself; for a streamed Anthropic message, those of start and end merged
 * @returns undefined if it has no token counts
 */
export function readUsage(usage: JsonObject): AIChatCompletionUsage | undefined {
  const known = USAGES.find(({ fields }) => fields.some((field) => usage[field] !== undefined))
  const read = known ? known.parse(usage) : replicateUsage(usage)
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

/** Usage of Replicate's language models. */
function replicateUsage(usage: JsonObject): AIChatCompletionUsage | undefined {
  const promptTokens = numberAt(usage, 'input_token_count')
  const completionTokens = numberAt(usage, 'output_token_count')
  if (usage['input_token_count'] === undefined && usage['output_token_count'] === undefined) return undefined
  return { promptTokens, completionTokens, totalTokens: undefined, raw: usage }
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
