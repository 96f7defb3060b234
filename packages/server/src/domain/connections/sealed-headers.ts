import type { Selectable } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import { ApiError } from '../../platform/errors.ts'
import { fingerprint, type Keys } from '../../platform/secrets/keys.ts'
import { open, seal } from '../../platform/secrets/sealed.ts'
import { Secret } from '../../platform/secrets/secret.ts'
import type { Provider } from './provider.ts'

/** The headers of a connection by name, not encrypted. */
export type HeaderValues = Secret<Record<string, string>>

/** Encrypts the headers. Returns their columns: ciphertext, names and a fingerprint of the credential. */
export async function sealHeaders(keys: Keys, row: string, headers: HeaderValues, provider: Provider | undefined) {
  const values = headers.reveal()
  const names = Object.keys(values)
  const credential = names.find((name) => name.toLowerCase() === provider?.auth.name.toLowerCase())
  const identifying = credential === undefined ? Object.values(values).join('\n') : values[credential]
  return {
    headers: await seal(keys, place(row), JSON.stringify(values)),
    header_names: JSON.stringify(names),
    fingerprint: identifying ? fingerprint(keys, identifying) : null,
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
    const words = `The credential of the connection "${slug}" can't be decrypted with this encryption key. Ask an admin to enter it again.`
    throw new ApiError('credential-unreadable', words)
  }
}

function place(row: string) {
  return { purpose: 'connection-headers', table: 'connection', row, field: 'headers' }
}
