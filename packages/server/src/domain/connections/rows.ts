import type { CatalogueEntry, Connection } from '@activepieces/contract'
import type { ExpressionBuilder, Kysely, Selectable, Transaction } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import { ApiError } from '../../platform/errors.ts'
import type { Provider } from './provider.ts'

export type ConnectionRow = Selectable<Schema['connection']>

/** Condition: the connection has this id or this slug. */
export function byIdOrSlug(idOrSlug: string) {
  return (where: ExpressionBuilder<Schema, 'connection'>) =>
    where.or([where('id', '=', idOrSlug), where('slug', '=', idOrSlug)])
}

/** Finds the connection for `<slug>` or `<provider>@<slug>`. */
export async function findByAddress(db: Kysely<Schema>, address: string): Promise<ConnectionRow | undefined> {
  const [, provider, slug = address] = address.match(/^([^@]*)@(.*)$/) ?? []
  const row = await db.selectFrom('connection').selectAll().where('slug', '=', slug).executeTakeFirst()
  return provider === undefined || row?.provider === provider ? row : undefined
}

/**
 * Locks the row until the transaction ends.
 *
 * @param seen the row as it was read before
 * @throws ApiError 404 if it was deleted, 409 `conflict` if its headers or base URL have changed
 */
export async function lockConnection(trx: Transaction<Schema>, seen: ConnectionRow): Promise<ConnectionRow> {
  const row = await trx.selectFrom('connection').selectAll().where('id', '=', seen.id).forUpdate().executeTakeFirst()
  if (!row) throw connectionNotFound(seen.slug)
  if (row.headers === seen.headers && row.base_url === seen.base_url) return row
  throw new ApiError('conflict', `The connection "${seen.slug}" has changed in the meantime. Reload it and try again.`)
}

export function connectionNotFound(idOrSlug: string): ApiError {
  return new ApiError('connection-not-found', `There is no connection "${idOrSlug}".`)
}

export function slugTaken(slug: string): ApiError {
  return new ApiError('already-exists', `A connection "${slug}" already exists.`, { param: 'slug' })
}

export function toConnection(row: ConnectionRow): Connection {
  return {
    id: row.id,
    provider: row.provider,
    slug: row.slug,
    label: row.label,
    baseUrl: row.base_url,
    config: {},
    emulated: row.emulated,
    fingerprint: row.fingerprint,
    headerNames: JSON.parse(row.header_names),
    allowedHeaders: JSON.parse(row.allowed_headers),
    status: row.status,
    statusReason: row.status_reason,
    checkedAt: row.checked_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  }
}

export function toCatalogueEntry(provider: Provider): CatalogueEntry {
  const { value, label, logoUrl, defaultBaseUrl, auth, instructionsMarkdown = null } = provider
  const models = provider.models.map((model) => ({
    label: model.label,
    value: model.value,
    supported: [...(model.supported ?? ['text'])],
  }))
  return { value, label, logoUrl, defaultBaseUrl, authHeader: auth.name, instructionsMarkdown, models }
}
