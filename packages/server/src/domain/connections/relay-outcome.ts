import type { ErrorCode } from '@activepieces/contract'

/** How a relayed call ended. Times in milliseconds, measured from when it was relayed. */
export type RelayOutcome = {
  /** The status that the caller received; undefined if it disconnected before. */
  readonly status: number | undefined
  /**
   * `completed`: the vendor's response ended normally, with any status. `upstream-aborted`: the vendor's connection broke or
   * timed out during the response. `client-aborted`: the caller disconnected. `failed`: the caller got one of our errors.
   */
  readonly end: 'completed' | 'upstream-aborted' | 'client-aborted' | 'failed'
  /** The code of our error, for `failed` and `upstream-aborted`. */
  readonly code: ErrorCode | undefined
  /** The message of our error. */
  readonly message: string | undefined
  /** Time until the head of the vendor's response. */
  readonly firstByte: number | undefined
  readonly total: number
  /** Size of the response body as received: compressed if the vendor compressed it. */
  readonly bytes: number
  /** Bytes of the request body that were read. */
  readonly requestBytes: number
  /** The vendor's request id, from its response. */
  readonly requestId: string | undefined
}
