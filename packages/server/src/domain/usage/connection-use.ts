import type { ConnectionStatus } from '@activepieces/contract'
import type { UsageRecord } from './record.ts'

/** What calls have shown of a connection. */
export type ConnectionUse = {
  readonly id: string
  /** Of the newest call. */
  readonly at: Date
  /** How the connection is; undefined where the calls say nothing of it. */
  readonly status: ConnectionStatus | undefined
  readonly reason: string | null
}

/** What a failure says of the connection. What is not here says nothing: the key was taken. */
const STATUS: Partial<Record<string, ConnectionStatus>> = {
  authentication: 'key-rejected',
  'out-of-credit': 'out-of-credit',
  unreachable: 'unreachable',
}

/** What one more call shows of its connection: the newest that shows something counts. A 403 shows nothing: the key may lack one right. */
export function laterUse(before: ConnectionUse | undefined, record: UsageRecord): ConnectionUse {
  const { status, reason } = learned(record) ?? { status: before?.status, reason: before?.reason ?? null }
  return { id: record.connectionId, at: record.at, status, reason }
}

function learned({ failure, completeness, status }: UsageRecord) {
  const shown = failure && STATUS[failure.code]
  if (failure && shown) return { status: shown, reason: `${failure.message} ${failure.remedy}`.slice(0, 500) }
  const worked = completeness === 'complete' && status !== null && status < 400
  return worked ? { status: 'active' as const, reason: null } : undefined
}
