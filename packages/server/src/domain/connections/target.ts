import type { Drill } from '@activepieces/contract'
import { headerKey } from '../../platform/http/header-policy.ts'
import { createRedactor, type Redactor } from '../../platform/secrets/redactor.ts'
import { Secret } from '../../platform/secrets/secret.ts'
import type { RelayOutcome } from './relay-outcome.ts'

/** Where the calls of a connection go. Computed once per connection. */
export type ProxyTarget = {
  /** The stored connection. */
  readonly connection: ConnectionName
  readonly origin: string
  /** The path of the base URL without its trailing slash; `''` for the root. */
  readonly basePath: string
  /** The stored headers as a flat list: name, value, name, value. */
  readonly headers: Secret<readonly string[]>
  /** Their names, as `headerKey` returns them. */
  readonly headerNames: ReadonlySet<string>
  /** Lower-case names that callers may set in addition to those that every provider gets. */
  readonly allowedHeaders: ReadonlySet<string>
  /** Finds the stored credentials in what the provider sends. */
  readonly redactor: Redactor
  /** The fault injection of the connection; check its end before use. */
  readonly injectedFault?: Drill | undefined
  /** A connection test by an admin, not metered as a call of a project. */
  readonly isTest?: boolean | undefined
  /** For a connection test: called when a call ends. After `client-aborted`, the vendor's connection is closed. */
  readonly onOver?: ((outcome: RelayOutcome) => void) | undefined
}

export type ConnectionName = { readonly id: string; readonly slug: string; readonly provider: string }

/** @param allowedHeaders names that callers may set in addition to those that every provider gets */
export function proxyTarget(
  connection: ConnectionName,
  baseUrl: string,
  headers: Secret<Record<string, string>>,
  allowedHeaders: readonly string[] = [],
): ProxyTarget {
  const values = headers.reveal()
  const { origin, pathname } = new URL(baseUrl)
  return {
    connection,
    origin,
    basePath: pathname.replace(/\/+$/, ''),
    headers: new Secret(Object.entries(values).flat()),
    headerNames: new Set(Object.keys(values).map(headerKey)),
    allowedHeaders: new Set(allowedHeaders.map((name) => name.toLowerCase())),
    redactor: createRedactor(values),
  }
}
