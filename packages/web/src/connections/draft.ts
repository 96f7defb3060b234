import type { CatalogueEntry, Connection, SaveConnectionBody, UpdateConnectionBody } from '@activepieces/contract'

/** A header besides the key. Of one that is stored only the name is known: an empty value keeps what is there. */
export type HeaderDraft = {
  readonly id: number
  readonly name: string
  readonly value: string
  readonly isStored: boolean
}

/** What the form of a connection holds. */
export type Draft = {
  readonly label: string
  readonly slug: string
  readonly baseUrl: string
  readonly apiKey: string
  readonly headers: readonly HeaderDraft[]
  /** Names of headers that steps may send, as typed: comma-separated. */
  readonly allowedHeaders: string
}

export function newDraft(vendor: CatalogueEntry, isFirst: boolean, taken: readonly string[]): Draft {
  const slug = isFirst ? vendor.value : freeSlug(vendor.value, taken)
  const label = isFirst ? vendor.label : `${vendor.label} ${slug.slice(vendor.value.length + 1)}`
  return { label, slug, baseUrl: vendor.defaultBaseUrl, apiKey: '', headers: [], allowedHeaders: '' }
}

export function draftOf(connection: Connection, { authHeader }: CatalogueEntry): Draft {
  const { label, slug, baseUrl, headerNames, allowedHeaders } = connection
  const stored = headerNames.filter((name) => name.toLowerCase() !== authHeader.toLowerCase())
  const headers = stored.map((name, id) => ({ id, name, value: '', isStored: true }))
  return { label, slug, baseUrl, apiKey: '', headers, allowedHeaders: allowedHeaders.join(', ') }
}

/** The body that saves a new connection. */
export function toSaveBody(vendor: CatalogueEntry, draft: Draft, saveAnyway: boolean): SaveConnectionBody {
  const headers = Object.fromEntries(
    draft.headers.flatMap(({ name, value }) => (name.trim() === '' ? [] : [[name.trim(), value]])),
  )
  const allowedHeaders = namesIn(draft.allowedHeaders)
  return {
    provider: vendor.value,
    slug: draft.slug,
    label: draft.label,
    baseUrl: draft.baseUrl,
    ...(draft.apiKey === '' ? {} : { apiKey: draft.apiKey }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(allowedHeaders.length === 0 ? {} : { allowedHeaders }),
    ...(saveAnyway ? { saveAnyway } : {}),
  }
}

/** The body that changes a connection: what differs, and nothing besides. */
export function toUpdateBody(
  before: Connection,
  vendor: CatalogueEntry,
  draft: Draft,
  saveAnyway: boolean,
): UpdateConnectionBody {
  const moved = movesAway(before.baseUrl, draft.baseUrl)
  const kept = new Set(draft.headers.filter(({ isStored }) => isStored).map(({ name }) => name))
  const removed = draftOf(before, vendor).headers.flatMap(({ name }) =>
    kept.has(name) || moved ? [] : [[name, null] as const],
  )
  const set = draft.headers.flatMap(({ name, value }) =>
    name.trim() === '' || value === '' ? [] : [[name.trim(), value] as const],
  )
  const headers = Object.fromEntries([...removed, ...set])
  const allowedHeaders = namesIn(draft.allowedHeaders)
  return {
    ...(draft.label === before.label ? {} : { label: draft.label }),
    ...(draft.baseUrl === before.baseUrl ? {} : { baseUrl: draft.baseUrl }),
    ...(draft.apiKey === '' ? {} : { apiKey: draft.apiKey }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(allowedHeaders.join() === before.allowedHeaders.join() ? {} : { allowedHeaders }),
    ...(saveAnyway ? { saveAnyway } : {}),
  }
}

function namesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '')
}

/** Whether a credential would go to another scheme, host or port than the one that it was given for. */
export function movesAway(from: string, to: string): boolean {
  return URL.canParse(from) && URL.canParse(to) && new URL(from).origin !== new URL(to).origin
}

function freeSlug(value: string, taken: readonly string[]): string {
  let number = 2
  while (taken.includes(`${value}-${number}`)) number += 1
  return `${value}-${number}`
}
