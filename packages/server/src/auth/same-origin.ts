import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a browser sent a request from a page of this server. A browser says where a request comes from and no page can
 * make it lie: `sec-fetch-site` over https and on this machine, else `origin` with each request that changes something.
 * What says neither is no browser: it uses the admin key.
 *
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function isSameOrigin(headers: IncomingHttpHeaders, publicUrl: string | undefined): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined) return site === 'same-origin'
  if (origin === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host || (publicUrl !== undefined && new URL(publicUrl).origin === origin)
}
