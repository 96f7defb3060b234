import { randomUUID } from 'node:crypto'
import type { CatalogueEntry, Connection, SaveConnectionBody, UpdateConnectionBody } from '@activepieces/contract'
import type { Kysely, Transaction } from 'kysely'
import { type Actor, PROGRAM, recordChange } from '../../platform/database/audit.ts'
import type { Schema } from '../../platform/database/schema.ts'
import type { Keys } from '../../platform/secrets/keys.ts'
import type { Guard } from '../outbound/guard.ts'
import { findFaultInjection } from './fault-injections.ts'
import { checkRequestHeaders } from './headers.ts'
import { type Health, healthColumns, setHealth } from './health.ts'
import { listConnections } from './list.ts'
import type { Provider } from './provider.ts'
import { deleteReport } from './reports.ts'
import {
  byIdOrSlug,
  type ConnectionRow,
  connectionNotFound,
  findByAddress,
  lockConnection,
  slugTaken,
  toCatalogueEntry,
  toConnection,
} from './rows.ts'
import { type ConnectionDraft, changedConnection, newConnection } from './save.ts'
import { openHeaders, sealHeaders } from './sealed-headers.ts'
import { type ProxyTarget, proxyTarget } from './target.ts'
import { createTargetCache, type TargetCache } from './target-cache.ts'

/** The part of a connection that a call needs. */
export type TargetDraft = Pick<ConnectionDraft, 'provider' | 'slug' | 'base_url' | 'headers' | 'allowed_headers'>

/** Tests a draft before it is saved, and returns its health. An error prevents the save. */
export type TestDraft = (draft: ConnectionDraft) => Promise<Health>

/** The stored credentials. A change and its audit row are one transaction and take effect immediately. */
export type Connections = {
  /** Creates the connection, or replaces the one with the same slug. @throws ApiError 400 that names the field */
  readonly save: (body: SaveConnectionBody, by?: Actor, test?: TestDraft) => Promise<Connection>
  /**
   * @param test called only if the base URL or the credential changes
   * @throws ApiError 404 `connection-not-found`, 409 `already-exists` for a slug, 400 that names the field
   */
  readonly update: (idOrSlug: string, body: UpdateConnectionBody, by?: Actor, test?: TestDraft) => Promise<Connection>
  /** Returns all connections without their secrets, oldest first. */
  readonly list: () => Promise<Connection[]>
  /** Returns false if there is no connection with this id or slug. */
  readonly remove: (idOrSlug: string, by?: Actor) => Promise<boolean>
  /**
   * Resolves `<slug>` or `<provider>@<slug>` to the target of its calls, with the stored headers decrypted.
   * @throws ApiError 500 `credential-unreadable` if the headers were encrypted with another key
   */
  readonly resolve: (address: string) => ProxyTarget | Promise<ProxyTarget | undefined>
  /** Returns what `save` would store. @throws ApiError 400 that names the field */
  readonly draft: (body: SaveConnectionBody) => Promise<ConnectionDraft>
  /** Registers a draft under a temporary name for a connection test, until `end`. */
  readonly registerTemporaryTarget: (
    id: string,
    draft: TargetDraft,
    onOver: ProxyTarget['onOver'],
  ) => ReturnType<TargetCache['registerTemporaryTarget']>
  /** Returns the stored connection, or undefined if there is none with this slug. @throws ApiError like `resolve` */
  readonly stored: (slug: string) => Promise<ConnectionDraft | undefined>
  /** Records the health of a connection. Returns undefined if there is none with this slug. */
  readonly recordHealth: (slug: string, health: Health, by: Actor) => Promise<Connection | undefined>
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
    const injectedFault = await findFaultInjection(db, row.id)
    return { ...targetOf(row.id, await openDraft(keys, row)), injectedFault }
  })

  const change = async <T>(run: (trx: Transaction<Schema>) => Promise<T>): Promise<T> => {
    const result = await db.transaction().execute(run)
    targets.forget()
    return result
  }

  const columnsOf = async (id: string, draft: ConnectionDraft) => {
    const provider = providers.find(({ value }) => value === draft.provider)
    const sealed = await sealHeaders(keys, id, draft.headers, provider)
    return { ...draft, ...sealed, allowed_headers: JSON.stringify(draft.allowed_headers), updated: new Date() }
  }

  const draftOf = async (body: SaveConnectionBody): Promise<ConnectionDraft> => {
    const draft = newConnection(body, providers)
    await guard.checkBaseUrl(draft.base_url)
    return draft
  }

  return {
    draft: draftOf,
    async save(body, by = PROGRAM, test) {
      const draft = await draftOf(body)
      const health = await test?.(draft)
      return change(async (trx) => {
        const old = await trx.selectFrom('connection').selectAll().where('slug', '=', draft.slug).executeTakeFirst()
        const id = old?.id ?? randomUUID()
        const columns = { id, ...(await columnsOf(id, draft)), ...healthColumns(health) }
        return saveRow(trx, old, columns, by)
      })
    },
    async update(idOrSlug, body, by = PROGRAM, test) {
      const seen = await db.selectFrom('connection').selectAll().where(byIdOrSlug(idOrSlug)).executeTakeFirst()
      if (!seen) throw connectionNotFound(idOrSlug)
      const draft = changedConnection(await openDraft(keys, seen), body, providers)
      if (draft.base_url !== seen.base_url) await guard.checkBaseUrl(draft.base_url)
      const isSameTarget = seen.base_url === draft.base_url && body.apiKey === undefined && body.headers === undefined
      const health = isSameTarget ? undefined : healthColumns(await test?.(draft))
      return change(async (trx) => {
        const old = await lockConnection(trx, seen)
        return updateRow(trx, old, { ...(await columnsOf(old.id, draft)), ...health }, by)
      })
    },
    list: () => listConnections(db),
    remove: (idOrSlug, by = PROGRAM) =>
      change(async (trx) => {
        const row = await trx.deleteFrom('connection').where(byIdOrSlug(idOrSlug)).returningAll().executeTakeFirst()
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
    recordHealth: (slug, { status, reason }, by) =>
      change(async (trx) => {
        const row = await trx.selectFrom('connection').selectAll().where('slug', '=', slug).executeTakeFirst()
        if (!row) return undefined
        const updated = await setHealth(trx, row.id, { status, reason })
        const before = { status: row.status, statusReason: row.status_reason }
        const after = { status, statusReason: reason }
        await recordChange(trx, by, { action: 'connection.check', target: slug, before, after })
        return updated && toConnection(updated)
      }),
    forget: targets.forget,
    catalogue: () => providers.map(toCatalogueEntry),
  }
}

type Columns = Omit<ConnectionRow, 'id' | 'created' | 'last_used_at' | keyof ReturnType<typeof healthColumns>>
type NewColumns = Columns & ReturnType<typeof healthColumns> & { id: string }
type ChangedColumns = Columns & Partial<ReturnType<typeof healthColumns>>

async function saveRow(trx: Transaction<Schema>, old: ConnectionRow | undefined, columns: NewColumns, by: Actor) {
  const row = await trx
    .insertInto('connection')
    .values({ ...columns, created: columns.updated })
    .onConflict((on) => on.column('slug').doUpdateSet(columns))
    .returningAll()
    .executeTakeFirstOrThrow()
  await deleteReport(trx, row.id)
  const [before, after] = [old && toConnection(old), toConnection(row)]
  const action = old ? 'connection.replace' : 'connection.create'
  await recordChange(trx, by, { action, target: after.slug, before, after })
  return after
}

async function updateRow(trx: Transaction<Schema>, old: ConnectionRow, columns: ChangedColumns, by: Actor) {
  const { slug } = columns
  const taken = trx.selectFrom('connection').select('id').where('slug', '=', slug).where('id', '!=', old.id)
  if (await taken.executeTakeFirst()) throw slugTaken(slug)
  if (columns.status !== undefined) await deleteReport(trx, old.id)
  const update = trx.updateTable('connection').set(columns).where('id', '=', old.id).returningAll()
  const [before, after] = [toConnection(old), toConnection(await update.executeTakeFirstOrThrow())]
  await recordChange(trx, by, { action: 'connection.update', target: after.slug, before, after })
  return after
}

/** Callers may set the headers that the provider's registry entry and the connection allow. */
function toTarget(providers: readonly Provider[], id: string, draft: TargetDraft): ProxyTarget {
  const { slug, provider, base_url, headers, allowed_headers } = draft
  const own = providers.find(({ value }) => value === provider)?.requestHeaders ?? []
  return proxyTarget({ id, slug, provider }, base_url, headers, [...own, ...allowed_headers])
}

/** A stored connection with its headers decrypted. @throws ApiError 500 `credential-unreadable` */
async function openDraft(keys: Keys, row: ConnectionRow): Promise<ConnectionDraft> {
  return { ...row, headers: await openHeaders(keys, row), allowed_headers: JSON.parse(row.allowed_headers) }
}
