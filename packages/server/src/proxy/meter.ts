import type { EngineClaims } from '../auth/claims.ts'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import type { ProxyTarget } from '../domain/connections/target.ts'

/**
 * Meters proxied calls. It can refuse a call before it is sent, then receives the bytes of the response and how the call ended.
 * After `start`, it never changes or delays a response; its errors are logged.
 */
export type ProxyMeter = {
  /**
   * Called before a call is sent. Returns undefined if the call is not metered.
   * @throws ApiError that the caller gets instead of a response, such as 402 or 429
   */
  readonly start: (call: MeteredCall) => CallMeter | undefined | Promise<CallMeter | undefined>
  /** Writes what is held in memory. Called on shutdown, after the last call and before the database is closed. */
  readonly flush: () => Promise<void>
}

/** A call before it is sent. */
export type MeteredCall = {
  /** Our request id. */
  readonly id: string
  readonly claims: EngineClaims
  readonly target: ProxyTarget
  readonly method: string
  /** The path that the vendor gets: base path, path and query. */
  readonly path: string
  /** The caller's headers, with names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body, or the first chunk of a large one (64 KB at most); null if there is none. Do not modify it. */
  readonly body: Buffer | null
  readonly bodyIsWhole: boolean
}

/** Meters one call. `over` is called exactly once, at the end. */
export type CallMeter = {
  /** @param headers a flat list, as sent to the caller: name, value, name, value */
  readonly head?: (status: number, headers: readonly string[]) => void
  /** A chunk of the response body as received, compressed if the vendor compressed it. Do not modify it. */
  readonly chunk: (piece: Buffer) => void
  readonly over: (outcome: RelayOutcome) => void
}

/** Wraps a meter so that its errors go to `onError` and do not affect the response. */
export function guarded(meter: CallMeter, onError: (error: unknown) => void): CallMeter {
  // Written out: a shared wrapper would create a closure for each chunk of each stream.
  return {
    head(status, headers) {
      try {
        meter.head?.(status, headers)
      } catch (error) {
        onError(error)
      }
    },
    chunk(piece) {
      try {
        meter.chunk(piece)
      } catch (error) {
        onError(error)
      }
    },
    over(outcome) {
      try {
        meter.over(outcome)
      } catch (error) {
        onError(error)
      }
    },
  }
}
