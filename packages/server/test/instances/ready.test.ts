import { run } from '@activepieces/test-support/postgres'
import { killProcesses, startProcess } from '@activepieces/test-support/process'
import { ADMIN_KEY, dataFolder } from '@activepieces/test-support/server'
import { afterAll, expect, test } from 'vitest'

afterAll(killProcesses)

test('without its database a server answers and says that it should get no calls', async () => {
  const folder = await dataFolder()
  const databaseUrl = folder.databaseUrl ?? ''
  const { url } = await startProcess({
    DATABASE_URL: databaseUrl,
    AP_DATA_DIR: folder.path,
    AP_ENCRYPTION_KEY: '11'.repeat(32),
    AP_ADMIN_KEY: ADMIN_KEY,
    AP_LOG_LEVEL: 'silent',
  })
  const statusOf = async (path: string) => (await fetch(url + path)).status
  expect([await statusOf('/health'), await statusOf('/ready')]).toEqual([200, 200])
  const name = new URL(databaseUrl).pathname.slice(1)
  const elsewhere = Object.assign(new URL(databaseUrl), { pathname: '/postgres' }).href
  await run(elsewhere, `alter database ${name} allow_connections false`)
  await run(elsewhere, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
  await expect.poll(() => statusOf('/ready'), { timeout: 20_000 }).toBe(503)
  const body = await (await fetch(`${url}/ready`)).json()
  expect(body).toMatchObject({ error: { code: 'not-ready' } })
  expect(await statusOf('/health')).toBe(200)
  await run(elsewhere, `alter database ${name} allow_connections true`)
  await expect.poll(() => statusOf('/ready'), { timeout: 20_000 }).toBe(200)
  await killProcesses()
  await folder.remove()
})
