import { ApiError } from '../errors.ts'
import type { App } from './app.ts'

/** Seconds after which another instance, or this one started anew, should answer. */
const RETRY_AFTER = 2

/**
 * Refuses new requests once the server closes, on connections that are open too, and lets go of those whose running call
 * ends: kept open, each would hold the end up until its limit. Gives back what begins that.
 */
export function refuseWhenClosing(app: App): () => void {
  let closing = false
  app.addHook('onRequest', (_request, reply, done) => {
    if (!closing) return done()
    reply.header('connection', 'close')
    const words = 'The server is shutting down and takes no new calls. Try again: another one will answer.'
    done(new ApiError('shutting-down', words, { retryAfter: RETRY_AFTER }))
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
  return () => {
    closing = true
  }
}
