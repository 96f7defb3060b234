import { ERRORS, type ErrorBody, type ErrorCode, OWN_ERROR_HEADER } from '@activepieces/contract'

export type ApiErrorOptions = {
  /** The invalid field, as a dotted path. */
  readonly param?: string | null | undefined
  /** Seconds after which the caller can retry: the `Retry-After` of the response. */
  readonly retryAfter?: number | undefined
  /** HTTP status, if it differs from the error table. */
  readonly status?: number | undefined
}

/** An error that the caller receives. Its status, actor and remedy come from the error table. The message must not contain secrets. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly param: string | null
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, { param = null, retryAfter, status }: ApiErrorOptions = {}) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status ?? ERRORS[code].status
    this.param = param
    this.retryAfter = retryAfter
  }
}

/** Renders the body in a format that both official SDKs read: OpenAI's `error.code`, Anthropic's `type: error`. */
export function toErrorBody({
  status,
  code,
  message,
  param,
}: Pick<ApiError, 'status' | 'code' | 'message' | 'param'>): ErrorBody {
  const { actor, remedy, retryable } = ERRORS[code]
  const type = ERROR_TYPES[status] ?? 'api_error'
  return { type: 'error', error: { type, code, message, param, actor, remedy, retryable } }
}

/** Headers of our error responses. The SDKs retry every 5xx and 429, unless `x-should-retry` says otherwise. */
export function errorHeaders({ code, retryAfter }: ApiError): Record<string, string> {
  return {
    [OWN_ERROR_HEADER]: code,
    ...(!ERRORS[code].retryable && { 'x-should-retry': 'false' }),
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  }
}

/** The error types of the vendors, so that code written for them understands ours. */
const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'invalid_request_error',
  413: 'request_too_large',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}
