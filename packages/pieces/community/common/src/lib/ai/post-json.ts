import { httpFetch } from './http-fetch.ts'

/**
 * Sends JSON and gives the raw response, for a vendor whose SDK cannot be used. The engine token goes as
 * `Authorization: Bearer`.
 *
 * @throws what the SDKs of other vendors throw: for a reply that is no 2xx an error with `status`, `headers` and `error`
 *   (its body), for no reply at all one that says so, with its cause; `errors.ts` reads both
 */
export async function postJson(
  url: string,
  body: unknown,
  { engineToken, signal }: { engineToken: string; signal: AbortSignal },
): Promise<Response> {
  const headers = { authorization: `Bearer ${engineToken}`, 'content-type': 'application/json' }
  const response = await httpFetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal }).catch(
    (cause: unknown) => {
      throw new TypeError('fetch failed', { cause })
    },
  )
  if (response.ok) return response
  const text = await response.text()
  const { status } = response
  throw Object.assign(new Error(text.trim()), { status, headers: response.headers, error: parse(text) })
}

/** The body's JSON; undefined where it is none: then the error's message has its text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
