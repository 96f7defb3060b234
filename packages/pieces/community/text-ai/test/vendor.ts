import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach } from 'vitest'

export type Asked = { model: string; messages: { role: string; content: string }[] }

/** Our proxy's place, for the tests of one file: answers as it is told, and keeps what one test has asked of it. */
export async function useVendor(answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = []
  const vendor = createServer(async (request, response) => {
    let body = ''
    request.setEncoding('utf8')
    for await (const piece of request) body += piece
    const call = JSON.parse(body) as Asked // SAFETY: the library's request; the assertions look into it.
    asked.push(call)
    answer(call, response)
  })
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = vendor.address() as AddressInfo
  beforeEach(() => {
    asked.length = 0
  })
  afterAll(() => {
    vendor.closeAllConnections()
    vendor.close()
  })
  return { apiUrl: `http://127.0.0.1:${port}/api/`, asked }
}
