import { type ErrorBody, ROUTES } from '@activepieces/contract'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { STRINGS } from '../strings.ts'

/** Why a call to the server failed: its own words, and the field that they are about. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  /** HTTP status; 0 when the server did not answer. */
  readonly status: number
  readonly code: string | undefined
  /** The field that is wrong, as a dotted path. */
  readonly field: string | undefined

  constructor(message: string, status: number, about: { code?: string; field?: string | null } = {}) {
    super(message)
    this.status = status
    this.code = about.code
    this.field = about.field ?? undefined
  }
}

/** What the window is told when the server knows the session no more. */
export const SESSION_ENDED = 'session-ended'

type Options = { readonly method?: string; readonly body?: unknown; readonly signal?: AbortSignal | undefined }

/**
 * One call of the server's API; the cookie of the session goes along by itself.
 *
 * @throws ApiFailure
 */
export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const response = await send(path, options, 'application/json')
  const text = await response.text()
  // SAFETY: the server answers by the contract that the type comes from.
  return (text === '' ? undefined : JSON.parse(text)) as T
}

export type ServerEvent = { readonly type: string; readonly data: unknown }

/** A call whose answer comes as server-sent events. @throws ApiFailure */
export async function* events(path: string, options: Options): AsyncGenerator<ServerEvent> {
  const response = await send(path, options, 'text/event-stream')
  const body = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  if (!body) return
  const reader = body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield { type: next.value.event ?? 'message', data: JSON.parse(next.value.data) }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

async function send(path: string, { method, body, signal }: Options, accept: string): Promise<Response> {
  const response = await fetch(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiFailure(STRINGS.unreachable, 0)
  })
  if (response.status === 401 && path !== ROUTES.session) window.dispatchEvent(new Event(SESSION_ENDED))
  if (!response.ok) throw await failureOf(response)
  return response
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text().catch(() => '')
  try {
    // SAFETY: every error of the server has this form; what has not lands in the catch.
    const { error } = JSON.parse(text) as ErrorBody
    return new ApiFailure(error.message, response.status, { code: error.code, field: error.param })
  } catch {
    return new ApiFailure(STRINGS.badStatus(response.status), response.status)
  }
}
