import type { ErrorCode } from '@activepieces/contract'

/** How a relayed call went. Times in milliseconds from when it was passed on. */
export type RelayOutcome = {
  /** The status that the caller saw; undefined when it left before. */
  readonly status: number | undefined
  /**
   * `whole`: the vendor's reply came to its end, whatever its status. `cut`: the vendor's connection broke or fell silent
   * within the reply. `left`: the caller did not wait for the end. `failed`: the caller got an error of our own.
   */
  readonly end: 'whole' | 'cut' | 'left' | 'failed'
  /** The code of our own error, for `failed` and `cut`. */
  readonly code: ErrorCode | undefined
  /** Its message. */
  readonly message: string | undefined
  /** Until the head of the vendor's reply. */
  readonly firstByte: number | undefined
  readonly total: number
  /** Of the response body, as it came: compressed if the vendor compressed it. */
  readonly bytes: number
  /** Of the request body, as far as it was read. */
  readonly requestBytes: number
  /** The vendor's own id of the call, from its reply. */
  readonly requestId: string | undefined
}
