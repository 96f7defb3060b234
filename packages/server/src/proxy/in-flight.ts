import { ApiError } from '../platform/errors.ts'

/** Counts the calls that run. */
export type InFlight = {
  /** @throws ApiError 529 `overloaded` when too many run, of all or of this connection */
  readonly enter: (connection: string) => void
  readonly leave: (connection: string) => void
  /** Of all connections. */
  readonly count: () => number
}

/** Seconds after which a caller may try again. */
const RETRY_AFTER = 1

/** @param most calls at once, of all connections and of one; each holds one socket to the vendor */
export function createInFlightCounter(most: { inFlight: number; inFlightOfConnection: number }): InFlight {
  const counts = new Map<string, number>()
  let all = 0
  return {
    count: () => all,
    enter(connection) {
      const count = counts.get(connection) ?? 0
      if (all >= most.inFlight) throw overloaded('AP_MAX_IN_FLIGHT', most.inFlight)
      if (count >= most.inFlightOfConnection) {
        throw overloaded('AP_MAX_IN_FLIGHT_PER_CONNECTION', most.inFlightOfConnection)
      }
      all++
      counts.set(connection, count + 1)
    },
    leave(connection) {
      all--
      const count = counts.get(connection) ?? 0
      if (count > 1) counts.set(connection, count - 1)
      else counts.delete(connection)
    },
  }
}

function overloaded(setting: string, most: number): ApiError {
  const words = `Too many calls run at once: ${setting} allows ${most}. Try again in a moment.`
  return new ApiError('overloaded', words, { retryAfter: RETRY_AFTER })
}
