import { scopesOf } from './budgets.ts'
import { type ConnectionUse, laterUse } from './connection-use.ts'
import type { UsageRecord } from './record.ts'

/** Records of one write. They are kept as bytes: objects that wait for it would cost more in garbage collection than all else. */
export type Batch = {
  readonly add: (record: UsageRecord) => void
  readonly rows: () => number
  /** All rows, rendered. */
  readonly bytes: () => Uint8Array
  /** What the calls have cost, by scope. */
  readonly costs: ReadonlyMap<string, number>
  /** What they have shown of their connections, by connection. */
  readonly uses: ReadonlyMap<string, ConnectionUse>
}

/** Bytes that a batch begins with. */
const INITIAL_BYTES = 4 * 1024

export function createBatch(render: (record: UsageRecord) => string): Batch {
  let bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  let filled = 0
  let rows = 0
  const costs = new Map<string, number>()
  const uses = new Map<string, ConnectionUse>()

  /** Room for so many more bytes. */
  const reserve = (more: number) => {
    if (filled + more <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, filled + more))
    bytes.copy(larger, 0, 0, filled)
    bytes = larger
  }

  return {
    add(record) {
      const row = render(record)
      reserve(3 * row.length) // the most that UTF-8 takes for a unit of UTF-16
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
