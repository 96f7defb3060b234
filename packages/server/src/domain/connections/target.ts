import type { Drill } from '@activepieces/contract'
import { headerKey } from '../../platform/http/header-policy.ts'
import { createRedactor, type Redactor } from '../../platform/secrets/redactor.ts'
import { Secret } from '../../platform/secrets/secret.ts'
import type { RelayOutcome } from './relay-outcome.ts'

/** Where the calls for a connection go, worked out once. */
export type ProxyTarget = {
  /** Which stored connection this is. */
  readonly connection: ConnectionName
  readonly origin: string
  /** The path of the base URL without its trailing slash; `''` for the root. */
  readonly basePath: string
  /** The stored headers as a flat list: name, value, name, value. */
  readonly headers: Secret<readonly string[]>
  /** Their names, as `headerKey` gives them. */
  readonly headerNames: ReadonlySet<string>
  /** Names in lower case that callers may set beyond those that every provider gets. */
  readonly allowedHeaders: ReadonlySet<string>
  /** Finds the stored credentials in what the provider sends. */
  readonly redactor: Redactor
  /** Faults on purpose, until they end. */
  readonly drill?: Drill | undefined
  /** A try of the credential by an admin: not counted as a call of a project. */
  readonly trial?: boolean | undefined
  /** For a trial: told how each call ended. After `left` nothing holds the vendor's connection any more. */
  readonly onOver?: ((outcome: RelayOutcome) => void) | undefined
}

export type ConnectionName = { readonly id: string; readonly slug: string; readonly provider: string }

/** @param allowedHeaders names that callers may set beyond those that every provider gets */
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
