import { type FakeVendor, type Responder, startFakeVendor } from './fake-vendor.ts'

/**
 * Starts a vendor that forwards every request to another one, so that checks can read the requests. `respondWith` only
 * clears the recorded requests.
 *
 * @param headers headers to send instead of the engine token
 * @param pathOf maps a request path to a path of the target
 */
export async function startRelay(
  target: string,
  {
    headers = {},
    pathOf = (path) => path,
  }: { headers?: Record<string, string>; pathOf?: (path: string) => string } = {},
): Promise<FakeVendor> {
  const server = await startFakeVendor()
  const relay: Responder = async (response, request) => {
    const { authorization: _token, host: _host, connection: _connection, ...rest } = request.headers
    const path = pathOf(request.path.replace(/^\/v1\/ai-providers\/proxy\/[^/]+/, ''))
    const upstream = await fetch(`${target.replace(/\/+$/, '')}${path}`, {
      method: request.method,
      headers: { ...strings(rest), ...headers },
      body: request.text,
    })
    const { 'content-encoding': _coding, 'content-length': _length, ...sent } = Object.fromEntries(upstream.headers)
    response.writeHead(upstream.status, sent)
    if (upstream.body) for await (const chunk of upstream.body) response.write(chunk)
    response.end()
  }
  server.respondWith(relay)
  return { ...server, respondWith: () => server.respondWith(relay) }
}

function strings(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const { 'content-length': _length, 'transfer-encoding': _framing, ...rest } = headers
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]))
}
