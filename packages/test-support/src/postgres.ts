import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const KEEPER = fileURLToPath(new URL('./postgres-keeper.ts', import.meta.url))

/** A PostgreSQL that lives until `stop`, or as long as this process. */
export async function startPostgres() {
  const child = spawn(process.execPath, [KEEPER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const [said] = await Promise.race([once(child.stdout, 'data'), exit])
  const url = String(said).trim()
  if (!url.startsWith('postgres:')) throw new Error('The PostgreSQL of the tests did not start.')
  return {
    url,
    async stop() {
      child.stdin.end()
      await exit
    },
  }
}

/** A database of its own: a copy of the template, or an empty one. */
export async function createDatabase(serverUrl: string, template = 'template1') {
  const name = `test_${randomBytes(6).toString('hex')}`
  await run(serverUrl, `create database ${name} template ${template}`)
  return { url: withDatabase(serverUrl, name), remove: () => run(serverUrl, `drop database ${name} with (force)`) }
}

export function withDatabase(serverUrl: string, name: string): string {
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
}

/** One statement on a connection of its own. */
export async function run(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}
