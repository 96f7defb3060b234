import type { EngineToken, EngineTokenBody } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { type Actor, recordChange } from '../platform/database/audit.ts'
import type { Schema } from '../platform/database/schema.ts'
import { ApiError } from '../platform/errors.ts'
import type { EngineTokens } from './engine-tokens.ts'
import { LOCAL_PROJECT } from './local-project.ts'

/**
 * Mints an engine token as requested. If an admin requests it, an audit row is written.
 *
 * @throws ApiError 404 `project-not-found`, `connection-not-found`
 */
export type MintEngineToken = (body: EngineTokenBody, by?: Actor) => Promise<EngineToken>

export function createEngineTokenMinter(db: Kysely<Schema>, tokens: EngineTokens): MintEngineToken {
  return async ({ projectId = LOCAL_PROJECT, expiresInSeconds = 900, connection, ...limits }, by) => {
    const connectionId = connection === undefined ? undefined : await idOf(db, connection)
    const claims = { projectId, ...limits, ...(connectionId === undefined ? {} : { connectionId }) }
    const minted = await tokens.mint({ ...claims, expiresInSeconds })
    const after = { ...claims, expiresAt: minted.expiresAt }
    const change = { action: 'engine-token.mint', target: projectId, after }
    if (by) await db.transaction().execute((trx) => recordChange(trx, by, change))
    return minted
  }
}

/** Tokens contain the id of the connection: a later connection with the same slug is a different one. */
async function idOf(db: Kysely<Schema>, slug: string): Promise<string> {
  const row = await db.selectFrom('connection').select('id').where('slug', '=', slug).executeTakeFirst()
  if (row) return row.id
  throw new ApiError('connection-not-found', `There is no connection "${slug}".`, { param: 'connection' })
}
