import type { IncomingMessage } from 'node:http'
import type { SentRequest } from '@activepieces/contract'
import type { ProxyTarget } from '../domain/connections/target.ts'
import { headerKey } from '../platform/http/header-policy.ts'
import type { RequestBody } from './request-body.ts'

/** A call that is sent, and its body. */
export type SentCall = {
  readonly id: string
  readonly request: IncomingMessage
  readonly target: ProxyTarget
  /** The path that the vendor gets: base path, path and query. */
  readonly path: string
  /** The headers that the vendor gets, as a flat list. */
  readonly headers: readonly string[]
  /** Names of the caller's headers that were dropped. */
  readonly dropped: readonly string[]
  readonly body: RequestBody
  /** The injected fault. */
  readonly fault: string | undefined
}

/** Of a larger body, only the size is shown, in bytes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/**
 * Describes what the proxy sends to the provider, for people: without the stored credentials, long base64 by its size.
 *
 * Call it in the turn in which the body starts, because it reads along with the stream. Resolves to undefined if the body is
 * incomplete.
 */
export async function sentRequest(call: SentCall): Promise<SentRequest | undefined> {
  const { id, request, target, path, headers, dropped, fault } = call
  const captured = await captureBody(call)
  if (!captured) return undefined
  return target.redactor.redactAll({
    requestId: id,
    connection: target.connection.slug,
    method: request.method ?? '',
    url: target.origin + path,
    headers: headersOf(headers, target.headerNames),
    droppedHeaders: [...dropped],
    bytes: captured.bytes,
    body: await bodyOf(captured.body, request.headers),
    drill: fault ?? null,
  })
}

type BodyCapture = { readonly bytes: number; readonly body: Buffer | undefined }

/** The body is undefined if it is too large to keep. */
function captureBody({ request, body: { send, first } }: SentCall): BodyCapture | Promise<BodyCapture | undefined> {
  if (send === null || Buffer.isBuffer(send)) return { bytes: send?.length ?? 0, body: send ?? Buffer.alloc(0) }
  const chunks: Buffer[] = []
  let bytes = 0
  const keep = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
    else chunks.length = 0
  }
  if (first) keep(first)
  request.on('data', keep)
  return new Promise((resolve) => {
    request.once('end', () => resolve({ bytes, body: bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined }))
    request.once('close', () => resolve(undefined))
  })
}

function headersOf(flat: readonly string[], stored: ReadonlySet<string>): SentRequest['headers'] {
  return flat.flatMap((name, at) =>
    at % 2 === 0 ? [{ name, value: stored.has(headerKey(name)) ? null : (flat[at + 1] ?? '') }] : [],
  )
}

async function bodyOf(body: Buffer | undefined, headers: IncomingMessage['headers']): Promise<SentRequest['body']> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers
  if (body?.length === 0) return { type: 'none' }
  const other = { type: 'other', contentType: encoding === 'identity' ? type : `${type}, ${encoding}` } as const
  if (!body || encoding !== 'identity') return other
  try {
    if (/^multipart\/form-data\b/i.test(type)) return { type: 'form', fields: await fieldsOf(body, type) }
    return { type: 'json', value: JSON.parse(body.toString(), shorten) }
  } catch {
    return other
  }
}

async function fieldsOf(body: Buffer, type: string) {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  return [...form].map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? value : `${value.name}, ${value.type}, ${value.size} bytes`,
  }))
}

/** Shortens base64, never text. */
function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length < MIN_BASE64_LENGTH) return value
  const [, head = '', data = ''] = BASE64.exec(value) ?? []
  return data === '' ? value : `${head}${data.slice(0, 24)}… (${Buffer.byteLength(data, 'base64')} bytes)`
}

const MIN_BASE64_LENGTH = 500
const BASE64 = /^(data:[^,]{0,200};base64,)?([A-Za-z0-9+/_-]+={0,2})$/
