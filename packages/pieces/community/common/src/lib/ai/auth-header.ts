import type { AuthHeader } from './contract/registry.ts'

/**
 * Says how a vendor authenticates; the `auth` of a registry entry.
 *
 * @example authHeader({ bearer: true }) // Authorization: Bearer <key>
 * @example authHeader({ name: 'x-api-key', bearer: false }) // x-api-key: <key>
 * @example authHeader({ name: 'Authorization', bearer: false, mapper: (key) => `Key ${key}` })
 */
export function authHeader(options: AuthHeaderOptions): AuthHeader {
  return options.bearer
    ? { name: 'Authorization', mapper: (value) => `Bearer ${value}` }
    : { name: options.name, mapper: options.mapper ?? ((value) => value) }
}

/** A bearer token, or a header of any name with the key as it is or as `mapper` makes it. */
export type AuthHeaderOptions =
  | { readonly bearer: true }
  | {
      readonly bearer: false
      readonly name: string
      /** The header's value for a key; the key itself when absent. */
      readonly mapper?: (value: string) => string
    }
