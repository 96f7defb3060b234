import type { Dispatcher } from 'undici'

type Handler = Required<
  Pick<
    Dispatcher.DispatchHandler,
    'onRequestStart' | 'onResponseStart' | 'onResponseData' | 'onResponseEnd' | 'onResponseError'
  >
>

/**
 * The same handler with a boundary around it: what one of its methods throws goes to `onThrow`. An error that leaves one
 * is swallowed by undici, which leaves the call hanging, or ends the process.
 */
export function guardHandler(handler: Handler, onThrow: (error: unknown) => void): Handler {
  // Each method in full: a shared wrapper would create a closure for each chunk of each stream.
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
