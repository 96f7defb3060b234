import type { AddressInfo } from 'node:net'
import type { Config } from '../config.ts'
import type { App } from './app.ts'

/**
 * Starts to listen.
 *
 * @throws Error that names the setting to change
 */
export async function listen(app: App, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  await app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    const explain = REASONS[cause.code ?? '']
    const reason =
      explain?.({ host, port }) ?? `The server cannot listen on ${host}:${port} (${cause.code ?? cause.message}).`
    throw new Error(reason, { cause })
  })
}

const REASONS: Record<string, (where: { host: string; port: number }) => string> = {
  EADDRINUSE: ({ port }) => `Port ${port} is in use. Try PORT=${port < 65_535 ? port + 1 : 3000} npm start.`,
  EACCES: ({ port }) => `This process is not allowed to listen on port ${port}. Try PORT=3000 npm start.`,
  EADDRNOTAVAIL: ({ host }) => `HOST=${host} is not an address of this machine. Try HOST=127.0.0.1 npm start.`,
  ENOTFOUND: ({ host }) => `HOST=${host} does not resolve to an address. Try HOST=127.0.0.1 npm start.`,
  EAI_AGAIN: ({ host }) => `HOST=${host} does not resolve to an address. Try HOST=127.0.0.1 npm start.`,
}

/** URL at which this machine reaches the server. */
export function localUrl(app: App): string {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('The server is not listening yet.')
  return `http://${localHost(address)}:${address.port}`
}

function localHost({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0') return '127.0.0.1'
  if (address === '::') return '[::1]'
  return family === 'IPv6' ? `[${address}]` : address
}
