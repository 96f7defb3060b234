import type { UsageOperation } from '@activepieces/contract'
import type { MeteredCall } from '../meter.ts'
import { modelsInBody } from '../restrictions/models.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'

/** What a request's path and body show. */
export type RequestFacts = { readonly operation: UsageOperation; readonly model: string | undefined }

/** By the end of the path, for all vendors. */
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

/** The model list, or one model. */
const MODELS = /\/models(\/[^/]+)?$/

function operationOf(method: string, path: string): UsageOperation {
  const [plain = ''] = path.split('?', 1)
  if (method === 'GET' && MODELS.test(plain)) return 'models'
  return OPERATIONS.find(([pattern]) => pattern.test(plain))?.[1] ?? 'other'
}

export function readRequest(call: MeteredCall): RequestFacts {
  return { operation: operationOf(call.method, call.path), model: modelInPath(call.path) ?? modelInBody(call) }
}

/** Every model that a call names: in its path, at the start of its body, and anywhere in a body that can be parsed. */
export function modelsOf(call: MeteredCall): string[] {
  const { body, bodyIsWhole, headers } = call
  const type = { 'content-type': firstValue(headers['content-type']) }
  const inBody = body && bodyIsWhole ? (modelsInBody(body, type)?.named ?? []) : []
  const first = body ? modelInBody(call) : undefined
  const named = new Set([modelInPath(call.path), first, ...inBody.map(({ model }) => model)])
  return [...named].flatMap((model) => model || [])
}

/** Whether a call is free at every vendor: it only reads, cancels, deletes or counts tokens. */
export function costsNothing({ method, path, body }: MeteredCall): boolean {
  if (body === null && ['GET', 'HEAD', 'DELETE'].includes(method)) return true
  const [plain = ''] = path.split('?', 1)
  return (
    /\/(count_tokens|input_tokens|tokenize|detokenize)$|:countTokens$/.test(plain) ||
    (body === null && /\/cancel$/.test(plain))
  )
}

function firstValue(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

function modelInBody(call: MeteredCall): string | undefined {
  if (call.body === null) return undefined
  // Most bodies start with the model and need not be parsed.
  const first = FIRST_FIELD.exec(call.body.toString('utf8', 0, 300))?.[1]
  if (first !== undefined) return first
  const model = jsonOf(call)?.['model']
  if (typeof model === 'string' && model !== '') return model.slice(0, 200)
  return call.bodyIsWhole ? inForm(call.body) : searchModel(call.body)
}

const FIRST_FIELD = /^\s*\{\s*"model"\s*:\s*"([^"\\]{1,200})"/

function jsonOf({ body, bodyIsWhole }: MeteredCall): JsonObject | undefined {
  const parsed = bodyIsWhole && body?.[0] === 0x7b ? parseJson(body.toString()) : undefined
  return isObject(parsed) ? parsed : undefined
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

/** Searches the start of a large body. */
function searchModel(body: Buffer): string | undefined {
  return /"model"\s*:\s*"([^"\\]{1,200})"/.exec(body.toString())?.[1] ?? inForm(body)
}

function inForm(body: Buffer): string | undefined {
  return /name="model"\r\n\r\n([^\r\n]{1,200})\r\n/.exec(body.toString('latin1'))?.[1]
}
