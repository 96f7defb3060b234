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

/** The largest body that the server reads itself; the proxy streams and has no such limit. */
const BODY_LIMIT = 10 * 1024 * 1024

/** An empty app: errors, validation and logging in the house's way. Logs go to the stream, or to standard output. */
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
    // A caller that sends its request byte by byte holds a connection no longer than this.
    requestTimeout: limits.request,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(limits.requestHead, limits.request),
      connectionsCheckingInterval: Math.min(5_000, Math.ceil(limits.requestHead / 3)),
    },
    // What is refused while the server closes is refused in our shape.
    return503OnClosing: false,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 256 },
  }).withTypeProvider<ZodTypeProvider>()
  // What a form of another site could send without asking is no body of ours.
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(sendError)
  app.setNotFoundHandler(sendNotFound)
  // A vendor's reply is not sent by Fastify: it keeps the vendor's own id.
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

/** What may stand in a log: never a header, a query, a body, or the text that a database quotes in its errors. */
const serializers = {
  req: ({ id, method, url }: FastifyRequest) => ({ id, method, path: url.split('?')[0] }),
  err: (error: Error & { code?: unknown }) => ({
    type: error.name,
    message: error.message,
    code: typeof error.code === 'string' ? error.code : '',
    stack: error.stack ?? '',
  }),
}
