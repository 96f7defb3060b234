import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a browser sent a request from a page of this server. Browsers state the origin of a request, and pages can't forge
 * it: in `sec-fetch-site` over https and on localhost, else in `origin` for each request that is not a GET. A client that
 * sends neither is not a browser, and uses the admin key.
 *
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function isSameOrigin(headers: IncomingHttpHeaders, publicUrl: string | undefined): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined) return site === 'same-origin'
  if (origin === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host || (publicUrl !== undefined && new URL(publicUrl).origin === origin)
}
