import type { AuthHeader } from './contract/registry.ts'

/**
 * Defines how a vendor authenticates: the `auth` of a registry entry.
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

/** A bearer token, or any other header whose value is the key or the result of `mapper`. */
export type AuthHeaderOptions =
  | { readonly bearer: true }
  | {
      readonly bearer: false
      readonly name: string
      /** Returns the header value for a key. Defaults to the key itself. */
      readonly mapper?: (value: string) => string
    }
