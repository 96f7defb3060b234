import { randomUUID } from 'node:crypto'
import type { NewProjectToken, ProjectToken, ProjectTokenBody } from '@activepieces/contract'
import type { Kysely, Selectable } from 'kysely'
import { type Actor, PROGRAM, recordChange } from '../platform/database/audit.ts'
import type { Schema } from '../platform/database/schema.ts'
import { ApiError } from '../platform/errors.ts'
import { hashKey, randomKey } from '../platform/secrets/keys.ts'
import { projectNotFound } from './local-project.ts'

/** Long-lived tokens for external developers of pieces. Each can mint engine tokens of its project. */
export type ProjectTokens = {
  /** @throws ApiError 404 `project-not-found` */
  readonly list: (projectId: string) => Promise<ProjectToken[]>
  /** Creates a token and returns it once: the database stores its hash. @throws ApiError 404 `project-not-found` */
  readonly create: (projectId: string, body: ProjectTokenBody, by?: Actor) => Promise<NewProjectToken>
  /** Revokes a token, effective immediately. @throws ApiError 404 `not-found` */
  readonly remove: (projectId: string, id: string, by?: Actor) => Promise<void>
  /** Returns the project of a token. @throws ApiError 401 `project-token-invalid` */
  readonly verify: (token: string) => Promise<{ projectId: string }>
}

const PREFIX = 'ap_project'

export function looksLikeProjectToken(credential: string): boolean {
  return credential.startsWith(`${PREFIX}_`)
}

export function createProjectTokens(db: Kysely<Schema>): ProjectTokens {
  return {
    async list(projectId) {
      await checkProject(db, projectId)
      const rows = await db
        .selectFrom('project_token')
        .selectAll()
        .where('project_id', '=', projectId)
        .orderBy('created')
        .execute()
      return rows.map(toProjectToken)
    },
    create: (projectId, { name }, by = PROGRAM) =>
      db.transaction().execute(async (trx) => {
        await checkProject(trx, projectId)
        const token = randomKey(PREFIX)
        const prefix = token.slice(0, PREFIX.length + 7)
        const row = await trx
          .insertInto('project_token')
          .values({ id: randomUUID(), project_id: projectId, name, hash: hashKey(token), prefix, created: new Date() })
          .returningAll()
          .executeTakeFirstOrThrow()
        const after = toProjectToken(row)
        await recordChange(trx, by, { action: 'project-token.create', target: row.id, after })
        return { ...after, token }
      }),
    remove: (projectId, id, by = PROGRAM) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .deleteFrom('project_token')
          .where('id', '=', id)
          .where('project_id', '=', projectId)
          .returningAll()
          .executeTakeFirst()
        if (!row) throw new ApiError('not-found', `The project "${projectId}" has no token "${id}".`)
        await recordChange(trx, by, { action: 'project-token.delete', target: id, before: toProjectToken(row) })
      }),
    async verify(token) {
      const row = await db
        .updateTable('project_token')
        .set({ last_used_at: new Date() })
        .where('hash', '=', hashKey(token))
        .returning('project_id')
        .executeTakeFirst()
      if (!row) throw INVALID()
      return { projectId: row.project_id }
    },
  }
}

async function checkProject(db: Kysely<Schema>, id: string): Promise<void> {
  const row = await db.selectFrom('project').select('id').where('id', '=', id).forShare().executeTakeFirst()
  if (!row) throw projectNotFound(id)
}

function toProjectToken(row: Selectable<Schema['project_token']>): ProjectToken {
  const { id, project_id: projectId, name, prefix, created, last_used_at } = row
  return {
    id,
    projectId,
    name,
    prefix,
    created: created.toISOString(),
    lastUsedAt: last_used_at?.toISOString() ?? null,
  }
}

const INVALID = () =>
  new ApiError('project-token-invalid', 'The project token is not valid on this server, or it was revoked.')
