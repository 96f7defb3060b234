import type { UsageOperation } from '@activepieces/contract'
import { modelInPath, operationOf } from '@activepieces/pieces-common/observe'
import type { MeteredCall } from '../meter.ts'
import { modelsNamedIn } from '../restrictions/models.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'

/** What a request's path and body show. */
export type RequestFacts = { readonly operation: UsageOperation; readonly model: string | undefined }

export function readRequest(call: MeteredCall): RequestFacts {
  return {
    operation: operationOf(call.method, call.path) ?? 'other',
    model: modelInPath(call.path) ?? modelInBody(call),
  }
}

/** Every model that a call names, in its path or its body: the vendor's parser may choose any of them. */
export function modelsOf({ path, body, bodyIsWhole, headers }: MeteredCall): string[] {
  const inBody = body
    ? modelsNamedIn(body, { type: firstValue(headers['content-type']) ?? '', isWhole: bodyIsWhole })
    : []
  return [...new Set([modelInPath(path), ...inBody])].flatMap((model) => model || [])
}

/**
 * Whether a call is free at every vendor: it only reads, cancels or deletes. One that counts tokens is free unless usage is
 * reported: its path may mean something else to a gateway.
 */
export function freeOf({ method, path, body }: MeteredCall): 'always' | 'unless-reported' | undefined {
  if (body === null && ['GET', 'HEAD', 'DELETE'].includes(method)) return 'always'
  const [plain = ''] = path.split('?', 1)
  if (body === null && CANCELS.test(plain)) return 'unless-reported'
  return COUNTS_TOKENS.test(plain) ? 'unless-reported' : undefined
}

/** Whole paths below the base URL's, so that no other path ends like them. */
const COUNTS_TOKENS =
  /^(\/[\w.-]+)*\/v\d\w*\/(messages\/count_tokens|responses\/input_tokens|tokenize|detokenize|models\/[\w.-]+:countTokens)$/
const CANCELS = /^(\/[\w.-]+)*\/v\d\w*(\/[\w-]+){2,3}\/cancel$/

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

/** Searches the start of a large body. */
function searchModel(body: Buffer): string | undefined {
  return /"model"\s*:\s*"([^"\\]{1,200})"/.exec(body.toString())?.[1] ?? inForm(body)
}

function inForm(body: Buffer): string | undefined {
  return /name="model"\r\n\r\n([^\r\n]{1,200})\r\n/.exec(body.toString('latin1'))?.[1]
}
