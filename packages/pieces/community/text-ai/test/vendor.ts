import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach } from 'vitest'

export type ChatRequest = { model: string; messages: { role: string; content: string }[] }

/** Starts a server that stands in for our proxy for the tests of one file. `requests` holds the requests of the current test. */
export async function useVendor(respond: (request: ChatRequest, response: ServerResponse) => void) {
  const requests: ChatRequest[] = []
  const vendor = createServer(async (request, response) => {
    let body = ''
    request.setEncoding('utf8')
    for await (const piece of request) body += piece
    const chatRequest = JSON.parse(body) as ChatRequest // SAFETY: sent by the library; the assertions check the fields.
    requests.push(chatRequest)
    respond(chatRequest, response)
  })
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  // SAFETY: a listening TCP server has an address with a port.
  const { port } = vendor.address() as AddressInfo
  beforeEach(() => {
    requests.length = 0
  })
  afterAll(() => {
    vendor.closeAllConnections()
    vendor.close()
  })
  return { apiUrl: `http://127.0.0.1:${port}/api/`, requests }
}
