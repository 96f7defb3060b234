import type { AIChatCompletionUsage } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import { isObject, type JsonObject, numberAt, objectAt } from './json.ts'
import { parseJson } from './parse-json.ts'

/**
 * Returns the JSON object of an SDK's result, which is a string if the server does not declare JSON.
 *
 * @throws AIError the vendor's error, if there is one inside a 200; `invalid-reply` for anything else
 */
export function parseObject(reply: unknown): JsonObject {
  const value = parseAnyObject(reply)
  if (value['error']) throw errorInResponse(value['error'])
  return value
}

/** Like `parseObject`, for responses where `error` is a regular field. @throws AIError `invalid-reply` */
export function parseAnyObject(reply: unknown): JsonObject {
  const value = typeof reply === 'string' ? parseJson(reply) : reply
  if (isObject(value)) return value
  throw invalidResponse('The response is not a JSON object.')
}

/** Returns the usage of a response, by either of OpenAI's field names. */
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
