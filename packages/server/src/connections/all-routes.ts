import type { Kysely } from 'kysely'
import type { Schema } from '../db/schema.ts'
import { doctorRoutes } from '../doctor/routes.ts'
import { doctor, longestVisit } from '../doctor/visit.ts'
import type { App } from '../http/app.ts'
import type { EngineTokens } from '../tokens/engine-tokens.ts'
import { connectionChecker } from './check.ts'
import { connectionCheckRoutes } from './check-routes.ts'
import type { Connections } from './connections.ts'
import { connectionListRoutes, connectionRoutes } from './routes.ts'
import { trials } from './trial.ts'

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
