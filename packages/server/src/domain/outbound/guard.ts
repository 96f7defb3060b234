import { lookup as dnsLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { ApiError } from '../../platform/errors.ts'
import { addressKind } from './addresses.ts'
import type { AllowedOrigins } from './allowed-origins.ts'

/** Resolves a host to its addresses. */
export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>

/** Decides which addresses requests may connect to. */
export type Guard = {
  /** Creates undici's connector for an origin. It only connects to addresses that were checked. */
  readonly connector: (origin: string, timeout: number) => buildConnector.connector
  /**
   * Checks a base URL before it is saved, if its host is an address.
   * @throws ApiError 400 `address-refused`
   */
  readonly checkBaseUrl: (baseUrl: string) => Promise<void>
}

/** A refused connection. Contains no address, because callers see the message. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED'
  readonly kind: 'private' | 'never'

  constructor(kind: 'private' | 'never') {
    super(REFUSED[kind])
    this.name = 'AddressRefused'
    this.kind = kind
  }
}

const REFUSED = {
  private:
    'The base URL of this connection leads to a private address. Ask an admin to allow its origin, or to correct the base URL.',
  never:
    'The base URL of this connection leads to a link-local, multicast or cloud metadata address, which is never allowed. Ask an admin to correct the base URL.',
}

export function createGuard(allowed: AllowedOrigins, resolve: Resolve = resolveBySystem): Guard {
  /** Returns the allowed addresses of an origin. @throws AddressRefused if there are none */
  const permitted = async <A extends { address: string }>(origin: string, addresses: readonly A[]): Promise<A[]> => {
    const kinds = addresses.map(({ address }) => addressKind(address))
    const allowedKinds = kinds.includes('private') && (await allowed.has(origin)) ? ['public', 'private'] : ['public']
    const usable = addresses.filter((_, at) => allowedKinds.includes(kinds[at] ?? 'never'))
    if (usable.length === 0) throw new AddressRefused(kinds.includes('private') ? 'private' : 'never')
    return usable
  }

  /** DNS lookup of a socket: returns only checked addresses. */
  const lookupFor =
    (origin: string): LookupFunction =>
    (host, options, callback) => {
      const found = resolve(host).then((addresses) => permitted(origin, addresses))
      found.then(
        (addresses) => {
          const [first] = addresses
          if (options.all || !first) callback(null, addresses)
          else callback(null, first.address, first.family)
        },
        (error) => callback(error, []),
      )
    }

  return {
    connector(origin, timeout) {
      // HTTP/1.1 only: its responses have raw bytes and raw headers, which are forwarded unchanged.
      const connect = buildConnector({ allowH2: false, timeout, lookup: lookupFor(origin) })
      return (options, callback) => {
        // Sockets only look up names, so an address in the URL is checked here.
        if (isIP(options.hostname) === 0) return connect(options, callback)
        permitted(origin, [{ address: options.hostname }]).then(
          () => connect(options, callback),
          (error) => callback(error, null),
        )
      }
    },
    async checkBaseUrl(baseUrl) {
      const { origin, hostname } = new URL(baseUrl)
      const address = literalOf(hostname)
      if (!address) return
      await permitted(origin, [{ address }]).catch((error: AddressRefused) => {
        throw new ApiError('address-refused', `${error.message} The origin is ${origin}.`, {
          param: 'baseUrl',
          status: 400,
        })
      })
    },
  }
}

/** The address in the host of a URL, if any. The URL parser normalizes decimal, octal and hex forms. */
function literalOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) return bare
  return /(^|\.)localhost\.?$/.test(hostname) ? '127.0.0.1' : undefined
}

const resolveBySystem: Resolve = (host) =>
  new Promise((done, fail) => {
    dnsLookup(host, { all: true }, (error, addresses) => (error ? fail(error) : done(addresses)))
  })
