import { type ErrorBody, type ErrorCode, OWN_ERROR_HEADER } from '@activepieces/contract'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** An error that the caller is told about. The message must never hold a secret. */
export class ApiError extends Error {
  readonly status: number
  readonly code: ErrorCode
  readonly param: string | null
  /** Seconds after which the caller may try again: the reply's `Retry-After`. */
  readonly retryAfter: number | undefined

  constructor(status: number, code: ErrorCode, message: string, param: string | null = null, retryAfter?: number) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.param = param
    this.retryAfter = retryAfter
  }
}

/** The body in the one shape that both official SDKs read: OpenAI's `error.code`, Anthropic's `type: error`. */
export function toErrorBody({ status, code, message, param }: ApiError): ErrorBody {
  return { type: 'error', error: { type: ERROR_TYPES[status] ?? 'api_error', code, message, param } }
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toApiError(error, request)
  if (known.retryAfter !== undefined) reply.header('retry-after', known.retryAfter)
  return reply.code(known.status).header(OWN_ERROR_HEADER, known.code).send(toErrorBody(known))
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0]
  return sendError(new ApiError(404, 'not-found', `There is no ${request.method} ${path}.`), request, reply)
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
  if (error instanceof ApiError) return error
  // SAFETY: Fastify's own errors carry a status; anything else is read as having none.
  const status = (error as Partial<FastifyError>).statusCode
  if (status === 413) return new ApiError(413, 'too-large', 'The body of the request is too large.')
  if (status === 415) return new ApiError(415, 'invalid-request', 'The body must be sent as application/json.')
  // Fastify's and the JSON parser's own messages may quote the body.
  if (status === 400) return new ApiError(400, 'invalid-request', 'The request cannot be read: is its body valid JSON?')
  request.log.error({ reqId: request.id, err: error }, 'request failed')
  const message = `Something went wrong in the server. Its log has more under request id ${request.id}.`
  return new ApiError(500, 'internal-error', message)
}
