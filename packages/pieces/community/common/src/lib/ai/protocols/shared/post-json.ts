import { httpFetch } from './http-fetch.ts'
import { parseJson } from './parse-json.ts'

/** Options of a request. */
export type JsonRequest = {
  /** Sent as `Authorization: Bearer`. */
  readonly engineToken: string
  readonly signal?: AbortSignal | undefined
  /** Additional headers. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Sends JSON and returns the raw response, for providers without an SDK.
 *
 * @throws like the vendors' SDKs: an error with `status`, `headers` and `error` (the body) if the status is not 2xx, or a
 *   TypeError with its cause if there is no response; `errors/read.ts` reads both
 */
export function postJson(url: string, body: unknown, request: JsonRequest): Promise<Response> {
  return send(url, { method: 'POST', body: JSON.stringify(body) }, request)
}

/** Sends a multipart form. @throws like `postJson` */
export function postForm(url: string, body: FormData, request: JsonRequest): Promise<Response> {
  return send(url, { method: 'POST', body }, request)
}

/** Sends a GET request. @throws like `postJson` */
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
  throw Object.assign(new Error(text.trim()), { status, headers: response.headers, error: parseJson(text) })
}

const JSON_BODY = { 'content-type': 'application/json' }
