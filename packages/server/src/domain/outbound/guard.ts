import { lookup as dnsLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { ApiError } from '../../platform/errors.ts'
import { addressKind } from './addresses.ts'
import type { AllowedOrigins } from './allowed-origins.ts'

/** Gives the addresses of a host. */
export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>

/** Decides where requests may go, by the address that a connection is really made to. */
export type Guard = {
  /** Makes undici's connections to an origin: each goes to an address that was checked, and to no other. */
  readonly connector: (origin: string, timeout: number) => buildConnector.connector
  /**
   * For the time of saving: an address in the URL itself is known before any name is asked.
   * @throws ApiError 400 `address-refused`
   */
  readonly checkBaseUrl: (baseUrl: string) => Promise<void>
}

/** A connection that was not made, because of where it would have gone. Holds no address: callers are told of it. */
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
    'The base URL of this connection leads to an address that is not public. An admin allows its origin, if that is meant, or corrects the base URL.',
  never:
    'The base URL of this connection leads to a link-local, multicast or cloud metadata address. No request ever goes there: an admin corrects the base URL.',
}

export function createGuard(allowed: AllowedOrigins, resolve: Resolve = resolveBySystem): Guard {
  /** The addresses to which this origin may go. @throws AddressRefused when none is left */
  const permitted = async <A extends { address: string }>(origin: string, addresses: readonly A[]): Promise<A[]> => {
    const kinds = addresses.map(({ address }) => addressKind(address))
    const least = kinds.includes('private') && (await allowed.has(origin)) ? ['public', 'private'] : ['public']
    const fine = addresses.filter((_, at) => least.includes(kinds[at] ?? 'never'))
    if (fine.length === 0) throw new AddressRefused(kinds.includes('private') ? 'private' : 'never')
    return fine
  }

  /** What a socket asks for the host's addresses: it gets checked ones and connects to one of these. */
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
      // HTTP/1.1 only: its reply comes as raw bytes and raw headers, which go on unchanged.
      const connect = buildConnector({ allowH2: false, timeout, lookup: lookupFor(origin) })
      return (options, callback) => {
        // A socket looks up names alone, so an address that stands in the URL is checked here.
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

/** The address that a URL's host is by itself. The URL parser has brought decimal, octal and hex forms into one. */
function literalOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) return bare
  return /(^|\.)localhost\.?$/.test(hostname) ? '127.0.0.1' : undefined
}

const resolveBySystem: Resolve = (host) =>
  new Promise((done, fail) => {
    dnsLookup(host, { all: true }, (error, addresses) => (error ? fail(error) : done(addresses)))
  })
