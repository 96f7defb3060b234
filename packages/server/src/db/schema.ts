import type { DrillFault } from '@activepieces/contract'
import type { ColumnType } from 'kysely'

/** The tables, as Kysely sees them. What is written here is made by migrations.ts. */
export type Schema = {
  connection: ConnectionTable
  store_entry: StoreEntryTable
  setting: SettingTable
  allowed_origin: AllowedOriginTable
  drill: DrillTable
}

type Timestamp = ColumnType<Date, Date, Date>

type ConnectionTable = {
  id: string
  provider: string
  slug: string
  label: string
  base_url: string
  /** Header names and values as JSON, encrypted (see secrets/sealed.ts). */
  headers: string
  emulated: boolean
  created: Timestamp
  updated: Timestamp
}

type StoreEntryTable = {
  id: string
  project_id: string
  key: string
  /** JSON as text: jsonb would change numbers and refuse some strings. */
  value: string
  created: Timestamp
  updated: Timestamp
}

type SettingTable = { name: string; value: string }

type AllowedOriginTable = { origin: string; created: Timestamp }

type DrillTable = { connection_id: string; fault: DrillFault; delay_ms: number; started: Timestamp; ends: Timestamp }
