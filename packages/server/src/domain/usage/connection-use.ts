import type { ConnectionStatus } from '@activepieces/contract'
import type { UsageRecord } from './record.ts'

/** What calls showed about a connection. */
export type ConnectionUse = {
  readonly id: string
  /** Time of the newest call. */
  readonly at: Date
  /** Health of the connection; undefined if the calls show nothing about it. */
  readonly status: ConnectionStatus | undefined
  readonly reason: string | null
}

/** Health after an error. Other errors show nothing: the key was accepted. */
const STATUS: Partial<Record<string, ConnectionStatus>> = {
  authentication: 'key-rejected',
  'out-of-credit': 'out-of-credit',
  unreachable: 'unreachable',
}

/** Adds a call. The newest call that shows something counts. A 403 shows nothing, because the key may only lack one permission. */
export function laterUse(before: ConnectionUse | undefined, record: UsageRecord): ConnectionUse {
  const { status, reason } = healthAfter(record) ?? { status: before?.status, reason: before?.reason ?? null }
  return { id: record.connectionId, at: record.at, status, reason }
}

function healthAfter({ failure, completeness, status }: UsageRecord) {
  const failed = failure && STATUS[failure.code]
  if (failed) return { status: failed, reason: `${failure.message} ${failure.remedy}`.slice(0, 500) }
  const worked = completeness === 'complete' && status !== null && status < 400
  return worked ? { status: 'active' as const, reason: null } : undefined
}
