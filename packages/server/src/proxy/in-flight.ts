import { ApiError } from '../platform/errors.ts'

/** Counts and limits running calls. */
export type InFlight = {
  /** @throws ApiError 529 `overloaded` if too many calls run, in total or for this connection */
  readonly enter: (connection: string) => void
  readonly leave: (connection: string) => void
  /** Running calls of all connections. */
  readonly count: () => number
}

const RETRY_AFTER_SECONDS = 1

/** @param limits maximum concurrent calls, in total and per connection; each uses one socket to the vendor */
export function createInFlightCounter(limits: { inFlight: number; inFlightOfConnection: number }): InFlight {
  const counts = new Map<string, number>()
  let all = 0
  return {
    count: () => all,
    enter(connection) {
      const count = counts.get(connection) ?? 0
      if (all >= limits.inFlight) throw overloaded('AP_MAX_IN_FLIGHT', limits.inFlight)
      if (count >= limits.inFlightOfConnection) {
        throw overloaded('AP_MAX_IN_FLIGHT_PER_CONNECTION', limits.inFlightOfConnection)
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

function overloaded(setting: string, max: number): ApiError {
  const words = `Too many concurrent calls: ${setting} allows ${max}. Try again in a moment.`
  return new ApiError('overloaded', words, { retryAfter: RETRY_AFTER_SECONDS })
}
