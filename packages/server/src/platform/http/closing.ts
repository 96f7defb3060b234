import { ApiError } from '../errors.ts'
import type { App } from './app.ts'

/** Time until another instance, or this one after its restart, should answer. */
const RETRY_AFTER_SECONDS = 2

/**
 * Refuses new requests while the server shuts down, and closes each connection when its request ends: a connection that is
 * kept alive would delay the shutdown until its timeout.
 *
 * @returns starts to refuse requests
 */
export function refuseWhenClosing(app: App): () => void {
  let closing = false
  app.addHook('onRequest', (_request, reply, done) => {
    if (!closing) return done()
    reply.header('connection', 'close')
    const words = 'The server is shutting down. Retry; another instance will answer.'
    done(new ApiError('shutting-down', words, { retryAfter: RETRY_AFTER_SECONDS }))
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
  return () => {
    closing = true
  }
}
