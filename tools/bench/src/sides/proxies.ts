import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { Agent, createServer, request as httpRequest, type RequestListener } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createServer as createAiServer, disableAllocationPretenuring, type ServerOptions } from '@activepieces/server'
import { type Dispatcher, Pool } from 'undici'
import { PORTKEY_DIR } from '../peers.ts'
import type { ProxyEndpoint } from './proxy.ts'

/** Starts a proxy in front of the vendor's origin and returns its endpoint. */
export const PROXIES: Record<string, (vendor: string) => Promise<ProxyEndpoint>> = {
  ours: (vendor) => ours(vendor),
  unmetered: (vendor) => ours(vendor, { start: () => undefined, flush: async () => {} }),
  floor: (vendor) => listen(floor(new Pool(vendor))),
  bare: (vendor) => listen(bare(vendor)),
  portkey,
}

/** Our server with default settings, or with another meter. */
async function ours(vendor: string, meter?: ServerOptions['meter']): Promise<ProxyEndpoint> {
  disableAllocationPretenuring()
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-server-'))
  const server = await createAiServer({ dataDir, port: 0, allowedOrigins: [vendor], ...(meter && { meter }) })
  await server.connections.save({ provider: 'openai', baseUrl: vendor, apiKey: 'sk-bench' })
  const { token } = await server.mintEngineToken({ expiresInSeconds: 3600 })
  const url = `${await server.listen()}/api/v1/ai-providers/proxy/openai/v1/`
  return { url, headers: { authorization: `Bearer ${token}` } }
}

/** node:http in, undici's dispatch out, and nothing else: the fastest possible proxy in Node. */
function floor(pool: Pool): RequestListener {
  return (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = pieces.length === 0 ? null : pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
      const { url: path = '', method = 'GET', headers } = request
      let controller: Dispatcher.DispatchController | undefined
      response.on('drain', () => controller?.resume())
      response.on('close', () => {
        if (!response.writableFinished) controller?.abort(new Error('client disconnected'))
      })
      // SAFETY: Node accepts only known methods.
      const options = {
        path,
        method: method as Dispatcher.HttpMethod,
        headers: withoutConnectionHeaders(headers),
        body,
      }
      pool.dispatch(options, {
        onRequestStart(started) {
          controller = started
        },
        onResponseStart(_controller, status, replyHeaders) {
          response.writeHead(status, replyHeaders as Record<string, string>)
        },
        onResponseData(current, piece) {
          if (!response.write(piece)) current.pause()
        },
        onResponseEnd() {
          response.end()
        },
        onResponseError() {
          response.destroy()
        },
      })
    })
  }
}

/** A proxy with node:http on both sides. */
function bare(vendor: string): RequestListener {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const { hostname, port } = new URL(vendor)
  return (request, response) => {
    const { url: path, method, headers } = request
    const onward = httpRequest({ agent, hostname, port, path, method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  }
}

function withoutConnectionHeaders({
  connection: _connection,
  'content-length': _length,
  ...rest
}: NodeJS.Dict<string | string[]>) {
  // SAFETY: received headers are never undefined.
  return rest as Record<string, string | string[]>
}

async function listen(listener: RequestListener): Promise<ProxyEndpoint> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // As long as an engine token, so that every proxy reads headers of the same size.
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/v1/`,
    headers: { authorization: `Bearer ${'k'.repeat(320)}` },
  }
}

/** Starts Portkey's gateway in this process. */
async function portkey(vendor: string): Promise<ProxyEndpoint> {
  const free = createTcpServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const port = portOf(free.address())
  free.close()
  await once(free, 'close')
  process.argv = [process.execPath, 'start-server.js', `--port=${port}`, '--headless']
  await import(pathToFileURL(join(PORTKEY_DIR, 'node_modules/@portkey-ai/gateway/build/start-server.js')).href)
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${vendor}/v1`, authorization: 'Bearer k' }
  const url = `http://127.0.0.1:${port}/v1/`
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).catch(() => undefined)) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { url, headers }
}

function portOf(address: ReturnType<ReturnType<typeof createTcpServer>['address']>): number {
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('The server is not listening.')
}
