import { randomUUID } from 'node:crypto'
import type {
  CatalogueEntry,
  Connection,
  ConnectionStatus,
  SaveConnectionBody,
  UpdateConnectionBody,
} from '@activepieces/contract'
import type { Kysely, Transaction } from 'kysely'
import { type Actor, PROGRAM, recordChange } from '../../platform/database/audit.ts'
import type { Schema } from '../../platform/database/schema.ts'
import type { Keys } from '../../platform/secrets/keys.ts'
import type { Guard } from '../outbound/guard.ts'
import { findFaultInjection } from './fault-injections.ts'
import { checkRequestHeaders } from './headers.ts'
import { setHealth } from './health.ts'
import { listConnections } from './list.ts'
import type { Provider } from './provider.ts'
import { deleteReport } from './reports.ts'
import {
  type ConnectionRow,
  connectionNotFound,
  findByAddress,
  lockConnection,
  named,
  slugTaken,
  toCatalogueEntry,
  toConnection,
} from './rows.ts'
import { type ConnectionDraft, changedConnection, toConnectionRow } from './save.ts'
import { openHeaders, sealHeaders } from './sealed-headers.ts'
import { type ProxyTarget, proxyTarget } from './target.ts'
import { createTargetCache, type TargetCache } from './target-cache.ts'

/** What a call needs to know about a connection. */
export type TargetDraft = Pick<ConnectionDraft, 'provider' | 'slug' | 'base_url' | 'headers' | 'allowed_headers'>

/** The stored credentials. */
export type Connections = {
  /** Makes the connection, or replaces the one of that slug whole. @throws ApiError 400 that names the field */
  readonly save: (body: SaveConnectionBody, by?: Actor) => Promise<Connection>
  /**
   * @param tested called with what would be stored, before it is; what it throws keeps it from being stored
   * @throws ApiError 404 `connection-not-found`, 409 `already-exists` for a slug, 400 that names the field
   */
  readonly update: (
    idOrSlug: string,
    body: UpdateConnectionBody,
    by?: Actor,
    tested?: (draft: ConnectionDraft) => Promise<void>,
  ) => Promise<Connection>
  /** All of them, oldest first, without their secrets. */
  readonly list: () => Promise<Connection[]>
  /** False when there is none with that id or slug. */
  readonly remove: (idOrSlug: string, by?: Actor) => Promise<boolean>
  /**
   * Where calls for `<slug>` or `<provider>@<slug>` go, with the stored headers in clear.
   * @throws ApiError 500 `credential-unreadable` when the headers were encrypted with another key
   */
  readonly resolve: (address: string) => ProxyTarget | Promise<ProxyTarget | undefined>
  /** What `save` would store. @throws ApiError 400 that names the field */
  readonly draft: (body: SaveConnectionBody) => Promise<ConnectionDraft>
  /** Registers a draft under a temporary name for a connection test, until `end`. */
  readonly registerTemporaryTarget: (
    id: string,
    draft: TargetDraft,
    onOver: ProxyTarget['onOver'],
  ) => ReturnType<TargetCache['registerTemporaryTarget']>
  /** What is stored. Undefined when there is none of that slug. @throws ApiError like `resolve` */
  readonly stored: (slug: string) => Promise<ConnectionDraft | undefined>
  /** Notes how a connection is. Undefined when there is none of that slug. */
  readonly note: (
    slug: string,
    status: ConnectionStatus,
    reason: string | null,
    by: Actor,
  ) => Promise<Connection | undefined>
  readonly forget: TargetCache['forget']
  /** The registry as plain data. */
  readonly catalogue: () => CatalogueEntry[]
}

export function createConnections(
  db: Kysely<Schema>,
  keys: Keys,
  providers: readonly Provider[],
  guard: Guard,
): Connections {
  checkRequestHeaders(providers)
  const targetOf = (id: string, draft: TargetDraft) => toTarget(providers, id, draft)
  const targets = createTargetCache(async (address) => {
    const row = await findByAddress(db, address)
    if (!row) return undefined
    return { ...targetOf(row.id, await openDraft(keys, row)), drill: await findFaultInjection(db, row.id) }
  })

  /** A change and its audit row, whole or not at all; in force at once. */
  const change = async <T>(run: (trx: Transaction<Schema>) => Promise<T>): Promise<T> => {
    const result = await db.transaction().execute(run)
    targets.forget()
    return result
  }

  const columns = (id: string, draft: ConnectionDraft) => toColumns(keys, providers, id, draft)

  const draftOf = async (body: SaveConnectionBody): Promise<ConnectionDraft> => {
    const draft = toConnectionRow(body, providers)
    await guard.checkBaseUrl(draft.base_url)
    return draft
  }

  return {
    draft: draftOf,
    async save(body, by = PROGRAM) {
      const draft = await draftOf(body)
      return change(async (trx) => {
        const old = await trx.selectFrom('connection').selectAll().where('slug', '=', draft.slug).executeTakeFirst()
        const id = old?.id ?? randomUUID()
        const changes = { ...(await columns(id, draft)), id }
        const row = await trx
          .insertInto('connection')
          .values({ ...changes, created: changes.updated })
          .onConflict((on) => on.column('slug').doUpdateSet(changes))
          .returningAll()
          .executeTakeFirstOrThrow()
        await deleteReport(trx, id)
        const [before, after] = [old && toConnection(old), toConnection(row)]
        const action = old ? 'connection.replace' : 'connection.create'
        await recordChange(trx, by, { action, target: after.slug, before, after })
        return after
      })
    },
    async update(idOrSlug, body, by = PROGRAM, tested) {
      const seen = await db.selectFrom('connection').selectAll().where(named(idOrSlug)).executeTakeFirst()
      if (!seen) throw connectionNotFound(idOrSlug)
      const draft = changedConnection(await openDraft(keys, seen), body, providers)
      if (draft.base_url !== seen.base_url) await guard.checkBaseUrl(draft.base_url)
      const { status, status_reason, checked_at } = seen
      const same = seen.base_url === draft.base_url && body.apiKey === undefined && body.headers === undefined
      if (!same) await tested?.(draft)
      return change(async (trx) => {
        const old = await lockConnection(trx, seen)
        const health = same ? { status, status_reason, checked_at } : {}
        if (!same) await deleteReport(trx, old.id)
        const taken = trx.selectFrom('connection').select('id').where('slug', '=', draft.slug).where('id', '!=', old.id)
        if (await taken.executeTakeFirst()) throw slugTaken(draft.slug)
        const row = await trx
          .updateTable('connection')
          .set({ ...(await columns(old.id, draft)), ...health })
          .where('id', '=', old.id)
          .returningAll()
          .executeTakeFirstOrThrow()
        const [before, after] = [toConnection(old), toConnection(row)]
        await recordChange(trx, by, { action: 'connection.update', target: after.slug, before, after })
        return after
      })
    },
    list: () => listConnections(db),
    remove: (idOrSlug, by = PROGRAM) =>
      change(async (trx) => {
        const row = await trx.deleteFrom('connection').where(named(idOrSlug)).returningAll().executeTakeFirst()
        if (!row) return false
        await recordChange(trx, by, { action: 'connection.delete', target: row.slug, before: toConnection(row) })
        return true
      }),
    async stored(slug) {
      const row = await findByAddress(db, slug)
      return row && openDraft(keys, row)
    },
    resolve: targets.find,
    registerTemporaryTarget: (id, draft, onOver) =>
      targets.registerTemporaryTarget(draft.provider, { ...targetOf(id, draft), onOver }),
    note: (slug, status, reason, by) =>
      change(async (trx) => {
        const row = await trx.selectFrom('connection').selectAll().where('slug', '=', slug).executeTakeFirst()
        if (!row) return undefined
        const noted = await setHealth(trx, row.id, status, reason)
        const before = { status: row.status, statusReason: row.status_reason }
        const after = { status, statusReason: reason }
        await recordChange(trx, by, { action: 'connection.check', target: slug, before, after })
        return noted && toConnection(noted)
      }),
    forget: targets.forget,
    catalogue: () => providers.map(toCatalogueEntry),
  }
}

/** Where calls go; callers may set what the provider's registry entry and the connection allow. */
function toTarget(providers: readonly Provider[], id: string, draft: TargetDraft): ProxyTarget {
  const { slug, provider, base_url, headers, allowed_headers } = draft
  const own = providers.find(({ value }) => value === provider)?.requestHeaders ?? []
  return proxyTarget({ id, slug, provider }, base_url, headers, [...own, ...allowed_headers])
}

/** A stored connection with its headers in clear. @throws ApiError 500 `credential-unreadable` */
async function openDraft(keys: Keys, row: ConnectionRow): Promise<ConnectionDraft> {
  return { ...row, headers: await openHeaders(keys, row), allowed_headers: JSON.parse(row.allowed_headers) }
}

/** What is stored of a draft: headers sealed, and nothing known yet of how it is. */
async function toColumns(keys: Keys, providers: readonly Provider[], id: string, draft: ConnectionDraft) {
  const provider = providers.find(({ value }) => value === draft.provider)
  const sealed = await sealHeaders(keys, id, draft.headers, provider)
  const health = { status: 'unknown' as const, status_reason: null, checked_at: null }
  const allowed_headers = JSON.stringify(draft.allowed_headers)
  return { ...draft, ...sealed, allowed_headers, ...health, updated: new Date() }
}
