import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { url as inspectorUrl } from 'node:inspector'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startServer, type TestServer } from '@activepieces/test-support/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox } from '../src/domain/pieces/sandbox.ts'

const HOSTILE = new URL('./fixtures/hostile-piece.ts', import.meta.url).href
const isRoot = process.getuid?.() === 0
let server: TestServer
let token: string

beforeAll(async () => {
  server = await startServer({ pieces: { hostile: HOSTILE } })
  token = await server.token()
})
afterAll(() => server.stop())

async function run(action: string, input: object) {
  const path = `/api/v1/pieces/hostile/actions/${action}/run`
  const { status, json } = await server.call('POST', path, { key: token, body: { input } })
  expect(status).toBe(200)
  return json
}

describe('a hostile piece', () => {
  test('cannot read, write, link, start or signal anything', async () => {
    const serverFolder = dirname(import.meta.dirname)
    const { status, output, error } = await run('look', { dataDir: realpathSync(server.dataDir), serverFolder })
    expect({ status, error }).toEqual({ status: 'succeeded', error: undefined })
    const { scratch, cwd, uid, descriptors, ...attempts } = output
    expect(scratch).toEqual(['mine'])
    expect(readdirSync(dirname(cwd))).not.toContain(cwd.split('/').at(-1))
    expect(descriptors).toEqual([])

    // The signals: refused by the operating system under another user, else without effect on the server.
    const { 'signal the server': signal, 'open the inspector of the server': inspector, ...refused } = attempts
    expect(inspectorUrl()).toBeUndefined()
    if (isRoot) expect({ signal, inspector, uid }).toEqual({ signal: 'EPERM', inspector: 'EPERM', uid: 65_534 })

    const otherwise = {
      'open a database file': 'nothing',
      'native addon': 'ERR_DLOPEN_DISABLED',
      'become root': isRoot ? 'EPERM' : expect.any(String),
    }
    expect(Object.keys(refused).length).toBeGreaterThan(30)
    expect(refused).toEqual({
      ...Object.fromEntries(Object.keys(refused).map((name) => [name, 'ERR_ACCESS_DENIED'])),
      ...otherwise,
    })
  })

  test.each([
    ['no JSON', 'crashed', 'invalid message'],
    ['a message of Node', 'crashed', 'invalid message'],
    ['wrong types', 'crashed', 'invalid message'],
    ['deep', 'crashed', 'nested deeper than 500'],
    ['endless line', 'too-large', 'larger than'],
    ['memory', 'crashed', 'ran out of memory'],
  ])('cannot harm the server by %s', async (how, code, message) => {
    const { status, error } = await run('shout', { how })
    expect({ status, error }).toEqual({ status: 'failed', error: { code, message: expect.stringContaining(message) } })
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  test('fills a result with no more than 500 log lines', async () => {
    const { output, logs } = await run('shout', { how: 'many logs' })
    expect(output).toBe('done')
    expect(logs).toHaveLength(500)
    expect(Math.max(...logs.map((line: { message: string }) => line.message.length))).toBe(4_000)
  })

  test.each(['constructor', '__proto__', 'toString'])('has no action "%s"', async (name) => {
    const { error } = await run(name, {})
    expect(error.message).toBe(`Hostile has no action "${name}". It has: look, shout.`)
  })
})

describe('the sandbox', () => {
  const options = { dataDir: '/nowhere', log: { warn: () => {} } }

  test('of a lone file shows the code beside it, and nothing else of the folder', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ap-lone-piece-')))
    for (const name of ['piece.mjs', 'helper.mjs', '.env', 'credentials.json']) writeFileSync(join(folder, name), '')
    mkdirSync(join(folder, 'data'))
    const { execArgv } = createSandbox({ ...options, modules: [pathToFileURL(join(folder, 'piece.mjs')).href] })
    const shown = execArgv.filter((flag) => flag.includes(folder)).sort()
    expect(shown).toEqual(['helper.mjs', 'piece.mjs'].map((name) => `--allow-fs-read=${join(folder, name)}`))
    rmSync(folder, { recursive: true })
  })

  test('refuses a data folder that pieces could read', () => {
    const dataDir = join(import.meta.dirname, '../../contract/.data')
    expect(() => createSandbox({ ...options, modules: [], dataDir })).toThrow('which pieces can read. Set AP_DATA_DIR')
  })

  test('refuses a user that it cannot change to, or that cannot read the pieces', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ap-private-piece-'))
    writeFileSync(join(folder, 'piece.mjs'), '')
    const modules = [pathToFileURL(join(folder, 'piece.mjs')).href]
    expect(() => createSandbox({ ...options, modules, uid: 1234 })).toThrow(
      isRoot ? 'is not readable by every user' : 'requires that the server runs as root',
    )
    const warnings: string[] = []
    const { uid } = createSandbox({ ...options, modules, log: { warn: (words) => warnings.push(words) } })
    expect(uid).toBeUndefined()
    expect(warnings).toEqual(isRoot ? [expect.stringContaining('Pieces run as root')] : [])
    rmSync(folder, { recursive: true })
  })
})
