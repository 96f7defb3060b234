import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor } from '../src/platform/secrets/redactor.ts'

const KEY = 'sk-proj-7f3a/9c1d+5e2b80=46_Zz'
const { redact, redactAll, hasCredential } = createRedactor({ Authorization: `Bearer ${KEY}` })

/** How a provider may write a value that it quotes. */
const FORMS: Record<string, (value: string) => string> = {
  plain: (value) => value,
  'upper case': (value) => value.toUpperCase(),
  'lower case': (value) => value.toLowerCase(),
  base64: (value) => Buffer.from(value).toString('base64'),
  base64url: (value) => Buffer.from(value).toString('base64url'),
  'base64 of more': (value) => Buffer.from(`user:${value}!`).toString('base64'),
  'URL-encoded': (value) => encodeURIComponent(value),
  'URL-encoded twice': (value) => encodeURIComponent(encodeURIComponent(value)),
  'URL-encoded, every byte': (value) =>
    [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'form-encoded': (value) => new URLSearchParams({ v: value }).toString().slice(2),
  'JSON-escaped': (value) => JSON.stringify(value).slice(1, -1),
  'JSON in JSON': (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
  'JSON-escaped slashes': (value) => JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/'),
  'JSON-escaped, every character': (value) =>
    [...value].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'HTML-escaped': (value) => value.replace(/[&<>"'/+=]/g, (char) => `&#${char.charCodeAt(0)};`),
  'HTML-escaped, with zeros and without semicolons': (value) =>
    [...value].map((char) => `&#00${char.charCodeAt(0)}`).join(''),
  'escaped as in JavaScript': (value) => [...value].map((char) => `\\x${char.charCodeAt(0).toString(16)}`).join(''),
  hex: (value) => Buffer.from(value).toString('hex'),
  reversed: (value) => [...value].reverse().join(''),
}

describe('a redactor', () => {
  test.each(Object.entries(FORMS))('finds a credential: %s', (_form, encode) => {
    const text = `Incorrect API key provided: ${encode(KEY)}. See https://provider.example.`
    expect(hasCredential(encode(KEY))).toBe(true)
    expect(redact(text)).toMatch(
      /^Incorrect API key provided: .{0,12}\[redacted\].{0,8}\. See https:\/\/provider\.example\.$/,
    )
    const filler = 'Lorem ipsum. '.repeat(6_000)
    expect(redact(filler + text + filler)).toContain('[redacted]')
    const value = { [text]: [text, { a: text }], b: 1, c: null }
    const clean = redact(text)
    expect(redactAll(value)).toEqual({ [clean]: [clean, { a: clean }], b: 1, c: null })
  })

  test('finds every credential in every form, in any text (property)', () => {
    const credential = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 8,
      maxLength: 200,
    })
    const form = fc.constantFrom(...Object.values(FORMS))
    const words = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })
    fc.assert(
      fc.property(credential, form, words, words, (value, encode, before, after) => {
        const redactor = createRedactor({ 'x-api-key': value })
        const quoted = encode(value)
        expect(redactor.hasCredential(before + quoted + after)).toBe(true)
        expect(redactor.redact(`${before} ${quoted} ${after}`)).not.toContain(quoted)
      }),
      { numRuns: 300 },
    )
  })

  test('leaves other text as it is (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(redact(text)).toBe(text)
      }),
    )
  })

  test.each<[string, Record<string, string>, string]>([
    ['the bare token of a scheme', { Authorization: 'Token abcdefgh' }, 'abcdefgh'],
    ['the password of basic auth', { Authorization: `Basic ${btoa('team:hunter2pass')}` }, 'hunter2pass'],
    ['the user of basic auth', { Authorization: `Basic ${btoa('hunter2pass:')}` }, 'hunter2pass'],
    ['a key with spaces', { 'x-api-key': 'my secret key 99' }, 'my secret key 99'],
    [
      'a key in the configuration of a gateway',
      { 'x-portkey-config': '{"targets":[{"api_key":"hunter2pass"}]}' },
      'hunter2pass',
    ],
    ['a header of any name', { 'X-Unknown': 'hunter2pass' }, 'hunter2pass'],
    ['a key that was cut short', { 'x-api-key': '0123456789abcdefFEDCBA9876543210' }, '0123456789abcdefFEDCBA98'],
  ])('knows %s', (_what, headers, quoted) => {
    expect(createRedactor(headers).redact(`wrong: ${quoted}`)).toMatch(/^wrong: \[redacted\].{0,8}$/)
  })

  test('does not treat short values, or headers that callers may set, as credentials', () => {
    const headers = { 'x-api-key': 'short', 'anthropic-version': '2023-06-01', 'x-portkey-provider': 'anthropic' }
    const text = 'short 2023-06-01 anthropic'
    expect(createRedactor(headers).redact(text)).toBe(text)
  })

  test('finds a credential at the end of a long text, and passes a long file', () => {
    expect(redact(`${'x'.repeat(200_000)}${KEY}`)).toBe(`${'x'.repeat(200_000)}[redacted]`)
    const file = Buffer.alloc(1_000_000, 'abc').toString('base64')
    expect(redact(file)).toBe(file)
  })
})
