import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A response of a hostile vendor, byte by byte. */
export type FuzzCase = {
  /** What goes over the TCP connection, in these pieces. */
  readonly pieces: readonly Buffer[]
  /** Whether the connection is closed after them. */
  readonly close: boolean
}

/** A vendor on raw TCP that answers `GET /<number>` with the response of that number. */
export async function startFuzzVendor(responseOf: (number: number) => FuzzCase) {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let received = ''
    socket.on('data', (data) => {
      received += data.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      const number = Number(/^\S+ \/(\d+)/.exec(received)?.[1])
      received = received.slice(end + 4)
      void send(socket, responseOf(number))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // SAFETY: a server that listens on a port has an AddressInfo.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function send(socket: Socket, { pieces, close }: FuzzCase): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return
    socket.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (close) socket.end()
}
