import type { ConnectionStatus, DrillFault, UsageRow } from '@activepieces/contract'
import type { ColumnType, Generated } from 'kysely'

/** The tables that the migrations create, for Kysely. */
export type Schema = {
  connection: ConnectionTable
  store_entry: StoreEntryTable
  setting: SettingTable
  allowed_origin: AllowedOriginTable
  drill: DrillTable
  doctor: DoctorTable
  project: ProjectTable
  audit: AuditTable
  session: SessionTable
  project_token: ProjectTokenTable
  usage: UsageTable
  spend: SpendTable
  spend_lease: SpendLeaseTable
  request_rate: RequestRateTable
}

type Timestamp = ColumnType<Date, Date, Date>
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>
type NullableText = ColumnType<string | null, string | null | undefined, string | null>

type ConnectionTable = {
  id: string
  provider: string
  slug: string
  label: string
  base_url: string
  /** Header names and values as JSON, encrypted (see secrets/sealed.ts). */
  headers: string
  emulated: boolean
  /** Fingerprint of the credential (see secrets/keys.ts); null if there is none. */
  fingerprint: NullableText
  /** Names of the stored headers as JSON. */
  header_names: Generated<string>
  /** Names of headers that callers may set, as JSON. */
  allowed_headers: Generated<string>
  status: Generated<ConnectionStatus>
  status_reason: NullableText
  checked_at: NullableTimestamp
  last_used_at: NullableTimestamp
  created: Timestamp
  updated: Timestamp
}

type StoreEntryTable = {
  id: string
  project_id: string
  key: string
  /** JSON as text: jsonb would change numbers and reject some strings. */
  value: string
  created: Timestamp
  updated: Timestamp
}

type SettingTable = { name: string; value: string }

type AllowedOriginTable = { origin: string; created: Timestamp }

type DrillTable = { connection_id: string; fault: DrillFault; delay_ms: number; started: Timestamp; ends: Timestamp }

/** The latest diagnostics of a connection. The report is JSON. */
type DoctorTable = { connection_id: string; at: Timestamp; report: string }

type ProjectTable = {
  id: string
  name: string
  /** Decimal in the database, returned as text. Null for no budget. */
  monthly_budget_usd: ColumnType<string | null, number | null | undefined, number | null>
  requests_per_minute: ColumnType<number | null, number | null | undefined, number | null>
  /** JSON. */
  unpriced_models: Generated<string>
  /** Tokens issued until then are revoked. */
  tokens_valid_from: NullableTimestamp
  created: Timestamp
  updated: Timestamp
}

type AuditTable = {
  id: ColumnType<number, never, never>
  at: Timestamp
  who: string
  action: string
  target: string
  /** JSON. */
  before: string | null
  after: string | null
  request_id: string | null
}

type ProjectTokenTable = {
  id: string
  project_id: string
  name: string
  /** Hash of the token. The token itself is not stored. */
  hash: string
  prefix: string
  created: Timestamp
  last_used_at: NullableTimestamp
}

/** Stores the hash of the cookie's token, not the token. */
type SessionTable = { id: string; hash: string; created: Timestamp; expires: Timestamp }

/** Unknown values are null. Rows are written by domain/usage/rows.ts. */
type UsageTable = {
  id: ColumnType<number, never, never>
  at: Timestamp
  project_id: string
  run_id: string | null
  connection_id: string
  connection: string
  provider: string
  operation: UsageRow['operation']
  model: string | null
  status: number | null
  error: string | null
  actor: UsageRow['actor']
  uncached_tokens: number | null
  cache_read_tokens: number | null
  cache_write_tokens: number | null
  output_tokens: number | null
  reasoning_tokens: number | null
  /** Decimal in the database, returned as text. */
  cost_usd: string | null
  cost_source: UsageRow['costSource']
  priced_as: string | null
  estimated: boolean
  first_byte_ms: number | null
  total_ms: number
  request_id: string
  vendor_request_id: string | null
  completeness: UsageRow['completeness']
}

/** Spending of a scope: a project in a month, or a token. */
type SpendTable = { scope: string; spent: ColumnType<string, number, number>; updated: Timestamp }

/** The part of a scope's budget that one server has leased. */
type SpendLeaseTable = {
  scope: string
  instance: string
  amount: ColumnType<string, number, number>
  expires: Timestamp
}

/** Calls of a project in one minute of the database's clock. */
type RequestRateTable = { project_id: string; minute: number; taken: number }
