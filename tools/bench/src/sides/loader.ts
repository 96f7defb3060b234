// Load generator of the proxy rows. It uses plain sockets, so it takes little CPU time away from the proxy.
import { connect, type Socket } from 'node:net'
import { serve } from '../side.ts'
import type { ProxyEndpoint } from './proxy.ts'
import { CHUNK_INTERVAL_MS, CHUNKS_PER_STREAM } from './timing.ts'

/** Requests per second. Latencies in milliseconds. */
export type Calls = { rate: number; p50: number; p99: number; calls: number }
/** Milliseconds to the first byte of the body. `lost` streams were incomplete, `late` ones over a second behind schedule. */
export type Streams = { p50: number; p99: number; lost: number; late: number; bytes: number }

serve(async (request) => {
  const { task, endpoint, count, seconds } = request as unknown as Task
  if (task === 'calls') return await calls(endpoint, count, seconds)
  if (task === 'streams') return await streams(endpoint, count)
  return await readSlowly(endpoint, count)
})

type Task = { task: string; endpoint: ProxyEndpoint; count: number; seconds: number }

const CALL = JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'What is a piece? '.repeat(55) }] })
const STREAM = JSON.stringify({
  model: 'gpt-5.5',
  stream: true,
  messages: [{ role: 'user', content: 'What is a piece?' }],
})

function requestTo({ url, headers }: ProxyEndpoint, body: string, path = 'chat/completions', method = 'POST'): Buffer {
  const { host, pathname } = new URL(path, url)
  const all = {
    host,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'OpenAI/JS 7.57.0',
    'x-stainless-lang': 'js',
    'x-stainless-retry-count': '0',
    ...headers,
    ...(method === 'POST' && { 'content-length': String(Buffer.byteLength(body)) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

function open({ url }: ProxyEndpoint): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Opens connections and sends calls one after another on each. */
async function calls(endpoint: ProxyEndpoint, connections: number, seconds: number): Promise<Calls> {
  const request = requestTo(endpoint, CALL)
  const sockets: Socket[] = []
  for (let made = 0; made < connections; made++) sockets.push(await open(endpoint))
  const latencies: number[] = []
  const began = performance.now()
  const until = began + seconds * 1000
  await Promise.all(sockets.map((socket) => callAgain(socket, request, until, latencies)))
  const took = (performance.now() - began) / 1000
  for (const socket of sockets) socket.destroy()
  latencies.sort((a, b) => a - b)
  return { rate: latencies.length / took, ...percentiles(latencies), calls: latencies.length }
}

function callAgain(socket: Socket, request: Buffer, until: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = performance.now()
    let received = ''
    socket.on('data', (piece) => {
      received += piece.toString('latin1')
      if (!isComplete(received)) return
      if (!received.startsWith('HTTP/1.1 200')) return reject(new Error(received.slice(0, 500)))
      received = ''
      const now = performance.now()
      latencies.push(now - sent)
      if (now >= until) return resolve()
      sent = now
      socket.write(request)
    })
    socket.on('close', () => reject(new Error('A connection was closed.')))
    socket.write(request)
  })
}

function isComplete(reply: string): boolean {
  const head = reply.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(reply)
  return length ? reply.length >= head + 4 + Number(length[1]) : reply.endsWith('\r\n0\r\n\r\n')
}

async function streams(endpoint: ProxyEndpoint, count: number): Promise<Streams> {
  const request = requestTo(endpoint, STREAM)
  const sockets: Socket[] = []
  for (let made = 0; made < count; made++) sockets.push(await open(endpoint))
  const firsts: number[] = []
  let [lost, late, bytes] = [0, 0, 0]
  const read = async (socket: Socket, index: number) => {
    // The starts of the streams are spread over a second.
    await new Promise((resolve) => setTimeout(resolve, (index * 1000) / count))
    const began = performance.now()
    let received = ''
    await new Promise<void>((resolve) => {
      socket.on('data', (piece) => {
        if (!received.includes('data: ')) {
          received += piece.toString('latin1')
          if (received.includes('data: ')) firsts.push(performance.now() - began)
        } else received += piece.toString('latin1')
        if (received.endsWith('\r\n0\r\n\r\n')) resolve()
      })
      socket.once('close', () => resolve())
      socket.write(request)
    })
    bytes += received.length
    const pieces = received.split('"word "').length - 1
    if (pieces !== CHUNKS_PER_STREAM - 1 || !received.includes('data: [DONE]') || !received.endsWith('\r\n0\r\n\r\n'))
      lost++
    else if (performance.now() - began > CHUNKS_PER_STREAM * CHUNK_INTERVAL_MS + 1_000) late++
    socket.destroy()
  }
  await Promise.all(sockets.map(read))
  firsts.sort((a, b) => a - b)
  return { ...percentiles(firsts), lost, late, bytes }
}

/** Reads 20 MB like a slow connection: 64 KB at a time, in the given total time. */
async function readSlowly(endpoint: ProxyEndpoint, milliseconds: number): Promise<number> {
  const socket = await open(endpoint)
  const pause = milliseconds / (20 * 16)
  let bytes = 0
  socket.write(requestTo(endpoint, '', 'files/20', 'GET'))
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (piece) => {
      bytes += piece.length
      if (bytes >= 20 * 1024 * 1024) return resolve()
      socket.pause()
      setTimeout(() => socket.resume(), pause)
    })
    socket.once('close', () => reject(new Error('The response was truncated.')))
  })
  socket.destroy()
  return bytes
}

function percentiles(sorted: readonly number[]): { p50: number; p99: number } {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}
