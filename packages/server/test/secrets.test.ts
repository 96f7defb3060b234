import { inspect } from 'node:util'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineTokens } from '../src/auth/engine-tokens.ts'
import { loadConfig } from '../src/platform/config.ts'
import { createKeyring } from '../src/platform/secrets/keys.ts'
import { open, seal } from '../src/platform/secrets/sealed.ts'
import { Secret } from '../src/platform/secrets/secret.ts'
import { keysOf, masterOf } from './keys.ts'

const KEY = 'sk-known-value-0123456789'
let server: TestServer

beforeAll(async () => {
  server = await startServer({ pieces: {} })
})

afterAll(() => server.stop())

describe('in memory', () => {
  const secret = new Secret(KEY)
  const holder = { apiKey: secret, nested: { list: [secret] } }

  test.each([
    ['String()', () => String(secret)],
    ['a template', () => `${secret}`],
    ['joining', () => `${[secret, secret]}`],
    ['JSON.stringify', () => JSON.stringify(holder)],
    ['util.inspect', () => inspect(holder, { depth: null, showHidden: true })],
    ['an error message', () => inspect(new Error(`no: ${secret}`, { cause: holder }))],
  ])('%s shows a secret as [redacted]', (_name, print) => {
    expect(print()).toContain('[redacted]')
    expect(print()).not.toContain('sk-known')
  })

  test('what the server holds shows no key in a log, whatever is logged', async () => {
    await server.connections.save({ provider: 'openai', apiKey: KEY, headers: { 'X-Org': 'org-secret' } })
    const target = await server.connections.resolve('openai')
    const master = 'ab'.repeat(32)
    const config = loadConfig({ AP_ADMIN_KEY: ADMIN_KEY, AP_ENCRYPTION_KEY: master, AP_ENCRYPTION_KEYS_OLD: master })
    const held = { target, config, keys: keysOf(0xab) }
    server.app.log.error(held, 'all that is held')
    server.app.log.error({ err: Object.assign(new Error('no'), held) })
    const printed = [...server.logs, inspect(held, { depth: null, showHidden: true }), JSON.stringify(held)].join('\n')
    expect(printed).toContain('[redacted]')
    expect(printed).toContain('all that is held')
    for (const known of [KEY, 'org-secret', ADMIN_KEY, master, '171,171', 'ab ab']) expect(printed).not.toContain(known)
    expect(target?.headers.reveal()).toContain(`Bearer ${KEY}`)
  })
})

describe('at rest', () => {
  const place = { purpose: 'p', table: 't', row: 'r', field: 'f' }

  test('a secret opens in its place alone', async () => {
    const sealed = await seal(keysOf(1), place, KEY)
    expect(await open(keysOf(1), place, sealed)).toBe(KEY)
    for (const claim of ['purpose', 'table', 'row', 'field']) {
      const elsewhere = open(keysOf(1), { ...place, [claim]: 'other' }, sealed)
      await expect(elsewhere).rejects.toThrow(`belongs to another ${claim}`)
    }
    const [head, ...rest] = sealed.split('.')
    const moved = { ...JSON.parse(Buffer.from(head ?? '', 'base64url').toString()), row: 'other' }
    const forged = [Buffer.from(JSON.stringify(moved)).toString('base64url'), ...rest].join('.')
    await expect(open(keysOf(1), { ...place, row: 'other' }, forged)).rejects.toThrow('damaged')
  })

  test('older keys of the ring open what they have made, and the current one makes what is new', async () => {
    const sealed = await seal(keysOf(1), place, KEY)
    const ring = createKeyring([masterOf(2), masterOf(1)])
    expect(await open(ring, place, sealed)).toBe(KEY)
    expect(await open(keysOf(2), place, await seal(ring, place, KEY))).toBe(KEY)
    await expect(open(keysOf(2), place, sealed)).rejects.toThrow('does not have')
  })

  test('a damaged secret is an error without the secret', async () => {
    for (const damaged of ['', 'x', 'a.b.c.d.e', withOtherTag(await seal(keysOf(1), place, KEY))]) {
      await expect(open(keysOf(1), place, damaged)).rejects.toThrow(/damaged|does not have/)
    }
  })

  test('a list shows a fingerprint: the same for the same key, and not one of the key alone', async () => {
    const save = (slug: string, apiKey: string) => server.connections.save({ provider: 'openai', slug, apiKey })
    const [one, same, other] = [await save('one', KEY), await save('same', KEY), await save('other', `${KEY}x`)]
    expect(one.fingerprint).toBe(same.fingerprint)
    expect(one.fingerprint).not.toBe(other.fingerprint)
    const elsewhere = await startServer({ pieces: {} })
    const there = await elsewhere.connections.save({ provider: 'openai', apiKey: KEY })
    await elsewhere.stop()
    expect(there.fingerprint).not.toBe(one.fingerprint)
  })

  test('engine tokens of the key before are still good after a rotation', async () => {
    const rotated = createKeyring([masterOf(2), masterOf(1)])
    const { token } = await createEngineTokens(keysOf(1), server.projects.find).mint({
      projectId: 'local',
      expiresInSeconds: 60,
    })
    expect(await createEngineTokens(rotated, server.projects.find).verify(token)).toMatchObject({ projectId: 'local' })
    await expect(async () => createEngineTokens(keysOf(2), server.projects.find).verify(token)).rejects.toMatchObject({
      code: 'engine-token-invalid',
    })
  })
})

/** The last part is what the cipher is checked by; its last character has bits that count for nothing. */
function withOtherTag(sealed: string): string {
  return sealed.replace(/\.([^.])([^.]*)$/, (_all, first: string, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`)
}
