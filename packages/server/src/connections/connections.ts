import { randomUUID } from 'node:crypto'
import type { CatalogueEntry, Connection, SaveConnectionBody } from '@activepieces/contract'
import type { Kysely, Selectable } from 'kysely'
import type { Schema } from '../db/schema.ts'
import { drillOf } from '../drill/drills.ts'
import { ApiError } from '../http/errors.ts'
import type { Guard } from '../outbound/guard.ts'
import { type ProxyTarget, proxyTarget } from '../proxy/target.ts'
import type { Keys } from '../secrets/keys.ts'
import { open, seal } from '../secrets/sealed.ts'
import type { Provider } from './provider.ts'
import { toConnectionRow } from './save.ts'

/** The stored credentials. */
export type Connections = {
  /** Makes the connection, or replaces the one of that slug whole. @throws ApiError 400 that names the field */
  readonly save: (body: SaveConnectionBody) => Promise<Connection>
  /** All of them, oldest first, without their secrets. */
  readonly list: () => Promise<Connection[]>
  /** False when there is none with that id or slug. */
  readonly remove: (idOrSlug: string) => Promise<boolean>
  /**
   * Where calls for `<slug>` or `<provider>@<slug>` go, with the stored headers in clear.
   * @throws ApiError 500 `credential-unreadable` when the headers were encrypted with another key
   */
  readonly resolve: (address: string) => ProxyTarget | Promise<ProxyTarget | undefined>
  /** Reads everything anew at the next call: something beside it has changed. */
  readonly forget: () => void
  /** The registry as plain data. */
  readonly catalogue: () => CatalogueEntry[]
}

/** How long a decrypted credential is kept in memory, in milliseconds. */
const KEPT = 10_000

export function connectionStore(
  db: Kysely<Schema>,
  keys: Keys,
  providers: readonly Provider[],
  guard: Guard,
): Connections {
  const cache = new Map<string, { target: ProxyTarget; expires: number }>()
  let generation = 0
  const forget = () => {
    generation++
    cache.clear()
  }

  const load = async (address: string): Promise<ProxyTarget | undefined> => {
    const before = generation
    const row = await find(db, address)
    if (!row) return undefined
    const headers = await openHeaders(keys, row)
    const { id, slug, provider } = row
    const drill = await drillOf(db, id)
    const target = { ...proxyTarget({ id, slug, provider }, row.base_url, headers), drill }
    // A change while this was read makes it stale: it may be used once, not kept.
    if (before === generation) cache.set(address, { target, expires: Date.now() + KEPT })
    return target
  }

  return {
    async save(body) {
      const row = toConnectionRow(body, providers)
      await guard.checkBaseUrl(row.base_url)
      const saved = await db.transaction().execute(async (trx) => {
        const old = await trx.selectFrom('connection').select('id').where('slug', '=', row.slug).executeTakeFirst()
        const id = old?.id ?? randomUUID()
        const headers = await seal(keys, place(id), JSON.stringify(row.headers))
        const { created, ...changes } = { ...row, id, headers, created: new Date(), updated: new Date() }
        return trx
          .insertInto('connection')
          .values({ ...changes, created })
          .onConflict((on) => on.column('slug').doUpdateSet(changes))
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      forget()
      return toConnection(saved)
    },
    async list() {
      const rows = await db.selectFrom('connection').selectAll().orderBy('created').orderBy('slug').execute()
      return rows.map(toConnection)
    },
    async remove(idOrSlug) {
      const { numDeletedRows } = await db
        .deleteFrom('connection')
        .where((where) => where.or([where('id', '=', idOrSlug), where('slug', '=', idOrSlug)]))
        .executeTakeFirst()
      forget()
      return numDeletedRows > 0n
    },
    resolve(address) {
      const kept = cache.get(address)
      return kept && kept.expires > Date.now() ? kept.target : load(address)
    },
    forget,
    catalogue: () => providers.map(toCatalogueEntry),
  }
}

type Row = Selectable<Schema['connection']>

async function find(db: Kysely<Schema>, address: string): Promise<Row | undefined> {
  const [, provider, slug = address] = address.match(/^([^@]*)@(.*)$/) ?? []
  const row = await db.selectFrom('connection').selectAll().where('slug', '=', slug).executeTakeFirst()
  return provider === undefined || row?.provider === provider ? row : undefined
}

function place(row: string) {
  return { purpose: 'connection-headers', table: 'connection', row, field: 'headers' }
}

async function openHeaders(keys: Keys, { id, slug, headers }: Row): Promise<Record<string, string>> {
  try {
    return JSON.parse(await open(keys, place(id), headers))
  } catch {
    const words = `The credential of the connection "${slug}" cannot be read with this encryption key. An admin saves it anew.`
    throw new ApiError(500, 'credential-unreadable', words)
  }
}

function toConnection(row: Row): Connection {
  return {
    id: row.id,
    provider: row.provider,
    slug: row.slug,
    label: row.label,
    baseUrl: row.base_url,
    config: {},
    emulated: row.emulated,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  }
}

function toCatalogueEntry(provider: Provider): CatalogueEntry {
  const { value, label, logoUrl, defaultBaseUrl, auth, instructionsMarkdown = null } = provider
  const models = provider.models.map((model) => ({
    label: model.label,
    value: model.value,
    supported: [...(model.supported ?? ['text'])],
  }))
  return { value, label, logoUrl, defaultBaseUrl, authHeader: auth.name, instructionsMarkdown, models }
}
