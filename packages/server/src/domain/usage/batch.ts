import { scopesOf } from './budgets.ts'
import { type ConnectionUse, laterUse } from './connection-use.ts'
import type { UsageRecord } from './record.ts'

/** Records of one write, kept as bytes: objects would cost more in garbage collection than everything else. */
export type Batch = {
  readonly add: (record: UsageRecord) => void
  readonly rows: () => number
  /** All rows, rendered. */
  readonly bytes: () => Uint8Array
  /** Cost of the calls by scope. */
  readonly costs: ReadonlyMap<string, number>
  /** What the calls showed about their connections, by connection. */
  readonly uses: ReadonlyMap<string, ConnectionUse>
}

/** Initial size of the buffer, in bytes. */
const INITIAL_BYTES = 4 * 1024

export function createBatch(render: (record: UsageRecord) => string): Batch {
  let bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  let filled = 0
  let rows = 0
  const costs = new Map<string, number>()
  const uses = new Map<string, ConnectionUse>()

  /** Grows the buffer for this many more bytes. */
  const reserve = (more: number) => {
    if (filled + more <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, filled + more))
    bytes.copy(larger, 0, 0, filled)
    bytes = larger
  }

  return {
    add(record) {
      const row = render(record)
      reserve(3 * row.length) // UTF-8 needs at most 3 bytes for a unit of UTF-16
      filled += bytes.write(row, filled)
      rows++
      for (const scope of record.costUsd ? scopesOf(record) : []) {
        costs.set(scope, (costs.get(scope) ?? 0) + (record.costUsd ?? 0))
      }
      uses.set(record.connectionId, laterUse(uses.get(record.connectionId), record))
    },
    rows: () => rows,
    bytes: () => new Uint8Array(bytes.subarray(0, filled)),
    costs,
    uses,
  }
}
