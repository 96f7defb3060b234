import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The keys that the vendor of the tests knows, and what it does with each. */
export const KEYS = {
  good: 'key-good-0123456789',
  wrong: 'key-wrong-0123456789',
  broke: 'key-broke-0123456789',
} as const

/** What the vendor says of a key that it does not take. */
export const REFUSAL = 'This key was revoked by its owner.'

/** A vendor of OpenAI's wire on this machine, that takes one key, rejects one, and has no credit for one. */
export async function startVendor(): Promise<{ url: string; seen: string[]; stop: () => Promise<void> }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      const key = request.headers.authorization ?? ''
      seen.push(key)
      if (key.includes(KEYS.broke)) return refuse(response, 429, 'You have no credit left.', 'insufficient_quota')
      if (!key.includes(KEYS.good)) return refuse(response, 401, REFUSAL, 'invalid_api_key')
      if (request.method === 'GET')
        return send(response, 200, { object: 'list', data: [{ id: 'llama-3.3-70b-versatile' }] })
      const message = { role: 'assistant', content: 'ok' }
      const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 }
      send(response, 200, {
        id: 'chat-1',
        object: 'chat.completion',
        created: 1,
        model: 'llama-3.3-70b-versatile',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage,
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // SAFETY: it listens on a port.
  const { port } = server.address() as AddressInfo
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, seen, stop }
}

function refuse(response: ServerResponse, status: number, message: string, code: string): void {
  send(response, status, { error: { message, type: code, code, param: null } })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
