import type { AIChatCompletionUsage } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import { isObject, type JsonObject, numberAt, objectAt } from './json.ts'
import { parseJson } from './parse-json.ts'

/**
 * The JSON object of a reply that the SDK gave: some servers do not say that theirs is JSON, and then it gives a text.
 *
 * @throws AIError `invalid-reply` for anything else, and the vendor's error for one inside a 200
 */
export function parseObject(reply: unknown): JsonObject {
  const value = parseAnyObject(reply)
  if (value['error']) throw errorInResponse(value['error'])
  return value
}

/** The same, where an `error` in it is a part of the reply. @throws AIError `invalid-reply` */
export function parseAnyObject(reply: unknown): JsonObject {
  const value = typeof reply === 'string' ? parseJson(reply) : reply
  if (isObject(value)) return value
  throw invalidResponse('The reply is not a JSON object.')
}

/** The tokens of a reply, by either of OpenAI's names for them; undefined where it does not tell. */
export function usageOf(reply: JsonObject): AIChatCompletionUsage | undefined {
  if (!isObject(reply['usage'])) return undefined
  const usage = objectAt(reply, 'usage')
  return {
    promptTokens: numberAt(usage, 'prompt_tokens') ?? numberAt(usage, 'input_tokens'),
    completionTokens: numberAt(usage, 'completion_tokens') ?? numberAt(usage, 'output_tokens'),
    totalTokens: numberAt(usage, 'total_tokens'),
    raw: usage,
  }
}

export function invalidResponse(message: string): AIError {
  return new AIError({ code: 'invalid-reply', message })
}
