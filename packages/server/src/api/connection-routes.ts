import type { Kysely } from 'kysely'
import type { EngineTokens } from '../auth/engine-tokens.ts'
import { doctor, maxDiagnosticsMs } from '../diagnostics/diagnostics.ts'
import { createConnectionChecker } from '../domain/connections/check.ts'
import type { Connections } from '../domain/connections/connections.ts'
import { createConnectionTester } from '../domain/connections/test-connection.ts'
import type { Schema } from '../platform/database/schema.ts'
import type { App } from '../platform/http/app.ts'
import { connectionCheckRoutes } from './connection-checks.ts'
import { connectionListRoutes, connectionRoutes } from './connections.ts'
import { doctorRoutes } from './diagnostics.ts'

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

/** Everything about connections: to change, try, list and runProbes them. */
export function allConnectionRoutes(app: App, parts: ConnectionParts): void {
  const { db, connections, tokens, apiUrl, doctorTimeLimit } = parts
  const trial = createConnectionTester(connections, tokens, apiUrl)
  const check = createConnectionChecker(trial)
  connectionRoutes(app, connections, check)
  connectionCheckRoutes(app, db, connections, check)
  connectionListRoutes(app, connections)
  doctorRoutes(app, { db, connections, longest: maxDiagnosticsMs(doctorTimeLimit) }, doctor(trial, doctorTimeLimit))
}
