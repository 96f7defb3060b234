import type { UsageOperation } from '@activepieces/contract'
import type { MeteredCall } from '../proxy/meter.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'

/** What a call asks for, as far as its path and body tell. */
export type Asked = {
  readonly operation: UsageOperation
  readonly model: string | undefined
  /** The largest completion that it allows, in tokens. */
  readonly maxTokens: number | undefined
}

/** By the last words of the path, of all vendors. */
const OPERATIONS: readonly (readonly [RegExp, UsageOperation])[] = [
  [/\/(chat\/completions|completions|responses|messages|converse(-stream)?|invoke(-with-response-stream)?)$/, 'chat'],
  [/\/v2\/chat$/, 'chat'],
  [/:(streamG|g)enerateContent$/, 'chat'],
  [/\/(embeddings|embed)$|:(batchE|e)mbedContents?$/, 'embeddings'],
  [/\/images\/\w+$|:predict$/, 'image'],
  [/\/audio\/speech$/, 'speech'],
  [/\/audio\/(transcriptions|translations)$/, 'transcription'],
  [/\/moderations$/, 'moderation'],
]

function operationOf(path: string): UsageOperation {
  const [plain = ''] = path.split('?', 1)
  return OPERATIONS.find(([pattern]) => pattern.test(plain))?.[1] ?? 'other'
}

export function readRequest({ path, body, bodyIsWhole }: MeteredCall): Asked {
  const operation = operationOf(path)
  const text = body?.toString() ?? ''
  const json = bodyIsWhole && text.startsWith('{') ? parseJson(text) : undefined
  const model = modelInPath(path) ?? (isObject(json) ? textOf(json['model']) : searchModel(text))
  return { operation, model, maxTokens: isObject(json) ? maxTokensOf(json) : undefined }
}

/** `/v1beta/models/gemini-2.5-pro:generateContent`, `/openai/deployments/gpt-4o/…`, `/model/<id>/converse`. */
function modelInPath(path: string): string | undefined {
  const [, found] =
    path.match(/\/(?:models|deployments|model)\/([^?]+?)(?::\w+$|:\w+\?|\/(?:predictions|[\w-]+)(?:$|[/?]))/) ?? []
  try {
    return found === undefined ? undefined : decodeURIComponent(found)
  } catch {
    return found
  }
}

/** In the beginning of a large body, or in a form. */
function searchModel(text: string): string | undefined {
  return (/"model"\s*:\s*"([^"\\]{1,200})"/.exec(text) ?? /name="model"\r\n\r\n([^\r\n]{1,200})\r\n/.exec(text))?.[1]
}

/** By the names that the wires have for it. */
function maxTokensOf(body: JsonObject): number | undefined {
  const places = [body, body['generationConfig'], body['inferenceConfig']].filter(isObject)
  const named = places.flatMap((place) => NAMES.map((name) => place[name]))
  return named.find((value): value is number => typeof value === 'number' && value >= 0)
}

const NAMES = ['max_completion_tokens', 'max_output_tokens', 'max_tokens', 'maxOutputTokens', 'maxTokens']

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined
}
