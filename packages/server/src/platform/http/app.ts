import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Limits, LogLevel } from '../config.ts'
import { answerUnreadable } from './raw-errors.ts'
import { REQUEST_ID_HEADER, requestId } from './request-id.ts'
import { sendError, sendNotFound } from './send-error.ts'
import { validatorCompiler } from './validation.ts'

/** The Fastify instance with zod schemas. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** Maximum body of the API, in bytes. The proxy streams bodies and has its own limit. */
const BODY_LIMIT = 10 * 1024 * 1024

/** Creates an app without routes: errors, validation and logging. Logs go to the stream, or to standard output. */
export function createApp(options: {
  logLevel: LogLevel
  logStream?: { write: (line: string) => void } | undefined
  limits: Limits
  trustedProxies?: readonly string[]
}): App {
  const { logLevel: level, logStream: stream, limits, trustedProxies = [] } = options
  const app = Fastify({
    logger: stream ? { level, serializers, stream } : { level, serializers },
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    frameworkErrors: sendError,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    clientErrorHandler: answerUnreadable,
    // Upper bound for callers that send their request byte by byte.
    requestTimeout: limits.requestMs,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(limits.requestHeadMs, limits.requestMs),
      connectionsCheckingInterval: Math.min(5_000, Math.ceil(limits.requestHeadMs / 3)),
    },
    // `refuseWhenClosing` sends an error in our own format instead.
    return503OnClosing: false,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 256 },
  }).withTypeProvider<ZodTypeProvider>()
  // Forms of other sites can send text/plain without a preflight request.
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(sendError)
  app.setNotFoundHandler(sendNotFound)
  // Does not apply to proxied responses, which keep the vendor's request id.
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header(REQUEST_ID_HEADER, request.id).header('x-content-type-options', 'nosniff')
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    request.log.debug({ req: request, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered')
    done()
  })
  return app
}

/** Omits everything that may contain secrets: headers, queries, bodies, and what a database quotes in its errors. */
const serializers = {
  req: ({ id, method, url }: FastifyRequest) => ({ id, method, path: url.split('?')[0] }),
  err: (error: Error & { code?: unknown }) => ({
    type: error.name,
    message: error.message,
    code: typeof error.code === 'string' ? error.code : '',
    stack: error.stack ?? '',
  }),
}
