import { httpFetch } from './http-fetch.ts'

/** Whom a request comes from, and what goes with it. */
export type JsonRequest = {
  /** Goes as `Authorization: Bearer`. */
  readonly engineToken: string
  readonly signal?: AbortSignal | undefined
  /** Besides the token and the type of the body. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Sends JSON and gives the raw response, for a vendor whose SDK cannot be used.
 *
 * @param body none is sent for undefined
 * @throws what the SDKs of other vendors throw: for a reply that is no 2xx an error with `status`, `headers` and `error`
 *   (its body), for no reply at all one that says so, with its cause; `errors/read.ts` reads both
 */
export function postJson(url: string, body: unknown, request: JsonRequest): Promise<Response> {
  return send(url, { method: 'POST', body: JSON.stringify(body) }, request)
}

/** Sends a form, with files, in the same way. @throws like `postJson` */
export function postForm(url: string, body: FormData, request: JsonRequest): Promise<Response> {
  return send(url, { method: 'POST', body }, request)
}

/** Asks for JSON in the same way. @throws like `postJson` */
export function getJson(url: string, request: JsonRequest): Promise<Response> {
  return send(url, { method: 'GET' }, request)
}

async function send(url: string, init: RequestInit, { engineToken, signal, headers }: JsonRequest): Promise<Response> {
  const response = await httpFetch(url, {
    ...init,
    headers: { authorization: `Bearer ${engineToken}`, ...(typeof init.body === 'string' && JSON_BODY), ...headers },
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    throw new TypeError('fetch failed', { cause })
  })
  if (response.ok) return response
  const text = await response.text()
  const { status } = response
  throw Object.assign(new Error(text.trim()), { status, headers: response.headers, error: parse(text) })
}

const JSON_BODY = { 'content-type': 'application/json' }

/** The body's JSON; undefined where it is none: then the error's message has its text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
