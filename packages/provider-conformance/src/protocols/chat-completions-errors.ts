import type { JsonObject } from '../targets/fake-vendor.ts'
import { type ErrorFixture, type ErrorKind, event } from './protocol.ts'

/** Encodes an OpenAI error. @see https://platform.openai.com/docs/guides/error-codes */
export function chatCompletionsError(kind: ErrorKind): ErrorFixture {
  const { status, ...error } = ERRORS[kind]
  // A stream has no status: gateways put it in `code` if the vendor has no code of its own.
  const inStream: JsonObject = { error: { param: null, ...error, code: error.code ?? status } }
  return {
    status,
    body: { error: { param: null, code: null, ...error } },
    message: error.message,
    event: event(inStream),
  }
}

type Row = { status: number; message: string; type: string; code?: string; param?: string }

const ERRORS: Record<ErrorKind, Row> = {
  'bad parameter': {
    status: 400,
    message: "Unsupported value: 'top_k'.",
    type: 'invalid_request_error',
    param: 'top_k',
    code: 'unsupported_value',
  },
  'context length': {
    status: 400,
    message: "This model's maximum context length is 8192 tokens.",
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
  },
  'content filter': {
    status: 400,
    message: 'The prompt was filtered.',
    type: 'invalid_request_error',
    code: 'content_filter',
  },
  'bad key': {
    status: 401,
    message: 'Incorrect API key provided.',
    type: 'invalid_request_error',
    code: 'invalid_api_key',
  },
  payment: { status: 402, message: 'Payment required.', type: 'billing' },
  permission: { status: 403, message: 'This key does not have permission.', type: 'forbidden' },
  model: {
    status: 404,
    message: 'The model `nobody` does not exist.',
    type: 'invalid_request_error',
    code: 'model_not_found',
  },
  timeout: { status: 408, message: 'The request took too long.', type: 'timeout' },
  conflict: { status: 409, message: 'A conflicting request is in progress.', type: 'conflict' },
  'too large': { status: 413, message: 'The request is too large.', type: 'invalid_request_error' },
  unprocessable: { status: 422, message: 'The second message is invalid.', type: 'invalid_request_error' },
  'too fast': {
    status: 429,
    message: 'Rate limit reached for requests.',
    type: 'requests',
    code: 'rate_limit_exceeded',
  },
  'no credit': {
    status: 429,
    message: 'You exceeded your current quota.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  },
  server: { status: 500, message: 'Internal error.', type: 'server_error' },
  overloaded: { status: 503, message: 'The engine is overloaded.', type: 'engine_overloaded' },
  'gateway timeout': { status: 504, message: 'The engine did not respond.', type: 'gateway' },
}
