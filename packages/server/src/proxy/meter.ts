import type { EngineClaims } from '../auth/claims.ts'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import type { ProxyTarget } from '../domain/connections/target.ts'

/**
 * Watches proxied calls from beside: it sees a call before it goes out and may refuse it, then the bytes of the reply
 * by reference, and learns how it ended. Nothing that it does after `start` changes or delays a reply; what it throws
 * there is logged.
 */
export type ProxyMeter = {
  /**
   * Before the call goes to the vendor. Undefined: this call is not watched.
   * @throws ApiError that the caller gets in the place of a reply, e.g. 402 or 429
   */
  readonly start: (call: MeteredCall) => CallMeter | undefined | Promise<CallMeter | undefined>
  /** When the server closes, after the last call and before the database: what is held in memory is written. */
  readonly flush: () => Promise<void>
}

/** What is known of a call before it is sent. */
export type MeteredCall = {
  /** Our own id of the call. */
  readonly id: string
  readonly claims: EngineClaims
  readonly target: ProxyTarget
  readonly method: string
  /** As the vendor gets it: base path, path and query. */
  readonly path: string
  /** The caller's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body, or of a large one its first piece (64 KB at most); null for none. Not to be changed. */
  readonly body: Buffer | null
  readonly bodyIsWhole: boolean
}

/** Watches one call; `over` comes exactly once and last. */
export type CallMeter = {
  /** @param headers a flat list: name, value, name, value; as the caller gets them */
  readonly head?: (status: number, headers: readonly string[]) => void
  /** A piece of the reply's body as it came, compressed if the vendor compressed it. Not to be changed. */
  readonly chunk: (piece: Buffer) => void
  readonly over: (outcome: RelayOutcome) => void
}

/** The same, but what it throws goes to `onError` and harms no reply. */
export function guarded(meter: CallMeter, onError: (error: unknown) => void): CallMeter {
  // Each in full: a function for the one `try` would be made anew for each piece of each stream.
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
