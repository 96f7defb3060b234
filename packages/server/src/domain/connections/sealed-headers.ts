import type { Selectable } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import { ApiError } from '../../platform/errors.ts'
import { fingerprint, type Keys } from '../../platform/secrets/keys.ts'
import { open, seal } from '../../platform/secrets/sealed.ts'
import { Secret } from '../../platform/secrets/secret.ts'
import type { Provider } from './provider.ts'

/** The headers of a connection by name, in clear. */
export type HeaderValues = Secret<Record<string, string>>

/** The columns that hold the headers, and what may be seen of them. */
export async function sealHeaders(keys: Keys, row: string, headers: HeaderValues, provider: Provider | undefined) {
  const values = headers.reveal()
  const names = Object.keys(values)
  const credential = names.find((name) => name.toLowerCase() === provider?.auth.name.toLowerCase())
  const told = credential === undefined ? Object.values(values).join('\n') : values[credential]
  return {
    headers: await seal(keys, place(row), JSON.stringify(values)),
    header_names: JSON.stringify(names),
    fingerprint: told ? fingerprint(keys, told) : null,
  }
}

/** @throws ApiError 500 `credential-unreadable` */
export async function openHeaders(
  keys: Keys,
  { id, slug, headers }: Pick<Selectable<Schema['connection']>, 'id' | 'slug' | 'headers'>,
): Promise<HeaderValues> {
  try {
    return new Secret(JSON.parse(await open(keys, place(id), headers)))
  } catch {
    const words = `The credential of the connection "${slug}" cannot be read with this encryption key. An admin saves it anew.`
    throw new ApiError('credential-unreadable', words)
  }
}

function place(row: string) {
  return { purpose: 'connection-headers', table: 'connection', row, field: 'headers' }
}
