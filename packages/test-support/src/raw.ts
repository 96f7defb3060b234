import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'

export type RawReply = {
  status: number
  rawHeaders: string[]
  headers: IncomingMessage['headers']
  body: Buffer
}

type RawRequest = { method?: string; path: string; headers?: string[]; body?: Buffer | string }

/** A request with the path and headers exactly as given; fetch would tidy both. */
export async function rawRequest(base: string, options: RawRequest): Promise<RawReply> {
  const response = await openRequest(base, options)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const { statusCode: status = 0, rawHeaders, headers } = response
  return { status, rawHeaders, headers, body: Buffer.concat(chunks) }
}

/** The same, returned when the head of the reply has come. */
export async function openRequest(base: string, { method = 'GET', path, headers = [], body }: RawRequest) {
  const { hostname, port } = new URL(base)
  const all = ['Host', `${hostname}:${port}`, ...headers]
  if (body !== undefined) all.push('Content-Length', String(Buffer.byteLength(body)))
  const request = httpRequest({ hostname, port, method, path, headers: all, agent: false })
  request.end(body)
  // SAFETY: that is what the event carries.
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}
