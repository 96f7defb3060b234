import type { Kysely } from 'kysely'
import type { EngineTokens } from '../auth/engine-tokens.ts'
import { doctor, longestVisit } from '../diagnostics/visit.ts'
import { connectionChecker } from '../domain/connections/check.ts'
import type { Connections } from '../domain/connections/connections.ts'
import { trials } from '../domain/connections/trial.ts'
import type { Schema } from '../platform/database/schema.ts'
import type { App } from '../platform/http/app.ts'
import { connectionCheckRoutes } from './connection-checks.ts'
import { connectionListRoutes, connectionRoutes } from './connections.ts'
import { doctorRoutes } from './doctor.ts'

/** What the routes of connections are made of. */
export type ConnectionParts = {
  readonly db: Kysely<Schema>
  readonly connections: Connections
  readonly tokens: Pick<EngineTokens, 'mint'>
  /** Where the server reaches itself. */
  readonly apiUrl: () => string
  /** For one probe of the doctor, in milliseconds. */
  readonly doctorTimeLimit: number
}

/** Everything about connections: to change, try, list and examine them. */
export function allConnectionRoutes(app: App, parts: ConnectionParts): void {
  const { db, connections, tokens, apiUrl, doctorTimeLimit } = parts
  const trial = trials(connections, tokens, apiUrl)
  const check = connectionChecker(trial)
  connectionRoutes(app, connections, check)
  connectionCheckRoutes(app, db, connections, check)
  connectionListRoutes(app, connections)
  doctorRoutes(app, { db, connections, longest: longestVisit(doctorTimeLimit) }, doctor(trial, doctorTimeLimit))
}
