import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, errorHeaders, toErrorBody } from '../errors.ts'

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toApiError(error, request)
  return reply.code(known.status).headers(errorHeaders(known)).send(toErrorBody(known))
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0]
  return sendError(new ApiError('not-found', `There is no ${request.method} ${path}.`), request, reply)
}

function toApiError(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) {
    if (error.cause !== undefined) request.log.warn({ reqId: request.id, err: error.cause }, error.message)
    return error
  }
  // SAFETY: Fastify's errors have a status; anything else is treated as an error without one.
  const status = (error as Partial<FastifyError>).statusCode
  if (status === 413) return new ApiError('too-large', 'The body of the request is too large.')
  if (status === 415)
    return new ApiError('invalid-request', 'The body must be sent as application/json.', { status: 415 })
  if (status === 414) return new ApiError('invalid-request', 'A segment of the path is too long.', { status: 414 })
  // Messages of Fastify and of the JSON parser may quote the body.
  if (status !== undefined && status >= 400 && status < 500)
    return new ApiError('invalid-request', "The request can't be parsed. Check that its body is valid JSON.")
  request.log.error({ reqId: request.id, err: error }, 'request failed')
  const message = `Internal error. See the server's log for request id ${request.id}.`
  return new ApiError('internal-error', message)
}
