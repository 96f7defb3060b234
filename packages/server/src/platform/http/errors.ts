import { ERRORS, type ErrorBody, type ErrorCode, OWN_ERROR_HEADER } from '@activepieces/contract'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

export type ApiErrorOptions = {
  /** The field that is wrong, as a dotted path. */
  readonly param?: string | null | undefined
  /** Seconds after which the caller may try again: the response's `Retry-After`. */
  readonly retryAfter?: number | undefined
  /** HTTP status, if it differs from the error table. */
  readonly status?: number | undefined
}

/** An error that the caller receives. Its status, actor and remedy come from the error table. The message must never hold a secret. */
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

/** The body in the one shape that both official SDKs read: OpenAI's `error.code`, Anthropic's `type: error`. */
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

/** Headers of an error response of ours. The SDKs retry every 5xx and 429, unless `x-should-retry` says otherwise. */
export function errorHeaders({ code, retryAfter }: ApiError): Record<string, string> {
  return {
    [OWN_ERROR_HEADER]: code,
    ...(!ERRORS[code].retryable && { 'x-should-retry': 'false' }),
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  }
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toApiError(error, request)
  return reply.code(known.status).headers(errorHeaders(known)).send(toErrorBody(known))
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0]
  return sendError(new ApiError('not-found', `There is no ${request.method} ${path}.`), request, reply)
}

/** The vendors' own words, so that code written against them understands ours. */
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

function toApiError(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) {
    if (error.cause !== undefined) request.log.warn({ reqId: request.id, err: error.cause }, error.message)
    return error
  }
  // SAFETY: Fastify's own errors carry a status; anything else is read as having none.
  const status = (error as Partial<FastifyError>).statusCode
  if (status === 413) return new ApiError('too-large', 'The body of the request is too large.')
  if (status === 415)
    return new ApiError('invalid-request', 'The body must be sent as application/json.', { status: 415 })
  if (status === 414) return new ApiError('invalid-request', 'A segment of the path is too long.', { status: 414 })
  // Fastify's and the JSON parser's own messages may quote the body.
  if (status !== undefined && status >= 400 && status < 500)
    return new ApiError('invalid-request', "The request can't be parsed. Check that its body is valid JSON.")
  request.log.error({ reqId: request.id, err: error }, 'request failed')
  const message = `Something went wrong in the server. Its log has more under request id ${request.id}.`
  return new ApiError('internal-error', message)
}
