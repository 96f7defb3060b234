import type { Dispatcher } from 'undici'

type Handler = Required<
  Pick<
    Dispatcher.DispatchHandler,
    'onRequestStart' | 'onResponseStart' | 'onResponseData' | 'onResponseEnd' | 'onResponseError'
  >
>

/**
 * Wraps a handler so that errors in its methods go to `onThrow`. undici would swallow such an error, so that the call hangs, or
 * it would end the process.
 */
export function guardHandler(handler: Handler, onThrow: (error: unknown) => void): Handler {
  // Written out: a shared wrapper would create a closure for each chunk of each stream.
  return {
    onRequestStart(controller, context) {
      try {
        handler.onRequestStart(controller, context)
      } catch (error) {
        onThrow(error)
      }
    },
    onResponseStart(controller, status, headers, statusMessage) {
      try {
        handler.onResponseStart(controller, status, headers, statusMessage)
      } catch (error) {
        onThrow(error)
      }
    },
    onResponseData(controller, chunk) {
      try {
        handler.onResponseData(controller, chunk)
      } catch (error) {
        onThrow(error)
      }
    },
    onResponseEnd(controller, trailers) {
      try {
        handler.onResponseEnd(controller, trailers)
      } catch (error) {
        onThrow(error)
      }
    },
    onResponseError(controller, error) {
      try {
        handler.onResponseError(controller, error)
      } catch (thrown) {
        onThrow(thrown)
      }
    },
  }
}
