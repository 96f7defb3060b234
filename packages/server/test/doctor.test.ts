import { DOCTOR_PROBES, type DoctorProbe, type DoctorReport, doctorReport } from '@activepieces/contract'
import { aiProps } from '@activepieces/pieces-common'
import { startChatVendor } from '@activepieces/test-support/chat-vendor'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const KEY = 'sk-known-value-0123456789'
const NAMES = Object.keys(DOCTOR_PROBES)
let server: TestServer
let vendor: Awaited<ReturnType<typeof startChatVendor>>

beforeAll(async () => {
  vendor = await startChatVendor()
  server = await startServer({ pieces: {}, probeTimeoutMs: 4_000 })
})
beforeEach(async () => {
  vendor.become({ endless: true })
  await server.connections.save({ provider: 'openai-compatible', slug: 'odd', baseUrl: vendor.url, apiKey: KEY })
})
afterAll(async () => {
  await server.stop()
  await vendor.close()
})

const admin = (method: string, path: string, body?: object) =>
  server.call(method, `/api/v1/ai-providers/${path}`, { key: ADMIN_KEY, body })
const listed = async (slug: string) => (await server.connections.list()).find((one) => one.slug === slug)

/** A visit; each probe's verdict and reason in one line. */
async function visit(slug = 'odd', body?: object) {
  const { status, json, text } = await admin('POST', `${slug}/doctor`, body)
  expect(status, text).toBe(200)
  return { report: doctorReport.parse(json), lines: linesOf(json) }
}

function linesOf({ findings }: DoctorReport): Record<DoctorProbe, string> {
  const lines = Object.entries(findings).map(([probe, { verdict, reason }]) => [probe, `${verdict}: ${reason}`])
  return Object.fromEntries(lines)
}

describe('the emulator', () => {
  let emulator: LLMock

  beforeAll(async () => {
    emulator = new LLMock({ port: 0, host: '127.0.0.1', latency: 20, chunkSize: 8 })
    const usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18, input_tokens: 9, output_tokens: 9 }
    const call = (number: number) => ({ name: 'note_number', arguments: JSON.stringify({ number }) })
    emulator.onMessage('Say ok.', { content: 'ok', usage })
    emulator.onMessage(/^Count from 1/, { content: '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15', usage })
    emulator.onMessage('Note the number 7.', { toolCalls: [call(7)], usage })
    emulator.onMessage(/^Note the number 3 and/, { toolCalls: [call(3), call(8)], usage })
    emulator.onMessage(/^Is Paris/, { content: '{"city":"Paris","capital":true}', usage })
    emulator.onImage(/.*/, { image: { b64Json: PIXEL } })
    await emulator.start()
  })
  afterAll(() => emulator.stop())

  // What the emulator has none of for a vendor is seen too.
  const wires: [provider: string, lacking: object][] = [
    ['openai', {}],
    ['anthropic', { image: 'no: None of its models generates images.' }],
    [
      'gemini',
      { image: expect.stringMatching(/^no: .* No fixture/), models: expect.stringMatching(/^no: .* Not found/) },
    ],
  ]
  test.each(wires)('%s: whatever it can do is seen, dated, stored and told', async (provider, lacking) => {
    await server.connections.save({ provider, baseUrl: emulator.url, apiKey: KEY, emulated: true })
    expect((await admin('GET', `${provider}/doctor`)).json).toEqual({ report: null })
    expect((await listed(provider))?.doctor).toBeUndefined()
    const began = Date.now()
    const { report, lines } = await visit(provider)
    expect(lines).toEqual({ ...Object.fromEntries(NAMES.map((name) => [name, WORKS])), ...lacking })
    for (const { at } of Object.values(report.findings)) expect(Date.parse(at)).toBeGreaterThanOrEqual(began)
    expect((await admin('GET', `${provider}/doctor`)).json).toEqual({ report })
    const { doctor, status } = (await listed(provider)) ?? {}
    expect([status, doctor?.at]).toEqual(['active', report.at])
    expect(doctor?.verdicts).toMatchObject({ text: 'yes', 'structured-output': 'yes', abort: 'yes' })
  })
})

const WORKS = expect.stringMatching(/^yes: /)
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

describe('a vendor of chat completions', () => {
  test('that does everything but images', async () => {
    const { report, lines } = await visit()
    expect(lines).toEqual({
      models: 'yes: The vendor lists 2 models.',
      text: 'yes: The model answered.',
      stream: 'yes: The completion arrived in 3 pieces.',
      usage: 'yes: The stream reports 9 prompt tokens and 3 completion tokens.',
      tools: 'yes: The model called the tool with valid arguments.',
      'parallel-tools': 'yes: The model made 2 tool calls at the same time.',
      'structured-output': 'yes: The completion matches the schema.',
      image: 'no: None of its models generates images.',
      abort: expect.stringMatching(/^yes: The stream ended and the vendor's connection was closed/),
    })
    expect(report.findings.text.model).toBe('small')
    expect(report.findings.models.model).toBeNull()
  })

  test('the model may be named', async () => {
    const { report } = await visit('odd', { model: 'large' })
    expect(report.findings.tools.model).toBe('large')
    const asked = vendor.requests.filter(({ method }) => method === 'POST')
    expect(asked.length).toBeGreaterThan(5)
    for (const { body } of asked) expect(JSON.parse(body.toString())).toMatchObject({ model: 'large', max_tokens: 512 })
    const strange = await admin('POST', 'odd/doctor', { modle: 'large' })
    expect([strange.status, strange.json.error.param]).toEqual([400, 'modle'])
  })

  test('a stream that is broken off leaves no socket of the vendor open', async () => {
    await visit()
    const streams = vendor.requests.filter(({ body }) => body.toString().includes('Count from 1 to 200'))
    expect(streams.length).toBe(1)
    await expect.poll(() => vendor.open.size).toBe(0)
  })

  test('whose answers are whole before they can be broken off', async () => {
    vendor.become({})
    expect((await visit()).lines.abort).toBe('unknown: The completion ended before it could be aborted.')
  })

  test('that refuses tools: none in parallel either, and no structured output', async () => {
    vendor.become({ endless: true, tools: 'refused' })
    const { lines } = await visit()
    expect(lines).toMatchObject({
      text: 'yes: The model answered.',
      tools: expect.stringMatching(/^no: The vendor rejects the request\. .*--enable-auto-tool-choice/),
      'parallel-tools': 'no: The model does not call tools.',
      'structured-output': expect.stringMatching(/^no: The vendor rejects the request\./),
    })
    expect(await listed('odd')).toMatchObject({ status: 'active', doctor: { verdicts: { tools: 'no', text: 'yes' } } })
  })

  test('that ignores the tool choice', async () => {
    vendor.become({ endless: true, tools: 'ignored' })
    expect((await visit()).lines).toMatchObject({
      tools: 'no: The model was told to call a tool and did not.',
      'parallel-tools': 'no: The model does not call tools.',
      'structured-output': expect.stringMatching(
        /^no: The completion does not match the schema\. The model answered with text instead/,
      ),
    })
  })

  test("whose provider lists no models, seen during a fault drill, which is not the doctor's affair", async () => {
    await server.connections.save({ provider: 'perplexity', baseUrl: vendor.url, apiKey: KEY })
    await admin('POST', 'perplexity/drill', { fault: '503' })
    const { lines } = await visit('perplexity')
    expect(lines).toMatchObject({
      models: 'no: Not supported. The provider perplexity does not list its models.',
      text: 'yes: The model answered.',
    })
  })

  test('that makes one call a reply, tells no tokens, or sends all at once', async () => {
    vendor.become({ endless: true, tools: 'one-by-one', noUsage: true })
    expect((await visit()).lines).toMatchObject({
      stream: 'yes: The completion arrived in 3 pieces.',
      usage: 'no: The stream reports no usage.',
      tools: expect.stringMatching(/^yes/),
      'parallel-tools': 'no: The model was asked for two parallel tool calls and made one.',
    })
    vendor.become({ wholeAtOnce: true })
    expect((await visit()).lines).toMatchObject({
      stream: 'no: The whole completion arrived in one piece.',
      usage: 'unknown: The model does not stream.',
    })
  })
})

test('what a connection cannot do is marked in the dropdowns of pieces', async () => {
  await server.connections.save({ provider: 'openai', slug: 'gateway', baseUrl: vendor.url, apiKey: KEY })
  const { report, lines } = await visit('gateway')
  expect([lines.text, lines.image]).toEqual([
    expect.stringMatching(/^yes/),
    expect.stringMatching(/^no: The vendor lists no image model .* does not exist/),
  ])
  const at = { apiUrl: `${server.url}/api/`, publicUrl: server.url, token: await server.token() }
  const labelFor = async (capability: 'text' | 'image') => {
    const { provider } = aiProps(capability)
    // SAFETY: the property uses the server alone of its context.
    const { options } = await provider.options({}, { server: at } as Parameters<typeof provider.options>[1])
    return options.find(({ value }) => value === 'openai@gateway')?.label
  }
  expect(await labelFor('text')).toBe('OpenAI (gateway)')
  expect(await labelFor('image')).toBe(`OpenAI (gateway) – failed its check on ${report.at.slice(0, 10)}`)
})

describe('an end before the end', () => {
  const untold = (reason: RegExp) =>
    Object.fromEntries(NAMES.map((name) => [name, expect.stringMatching(reason)])) as Record<DoctorProbe, string>

  test('a key that is rejected: one call, nothing is known, and the key stands nowhere', async () => {
    vendor.become({ rejects: true })
    const { report, lines } = await visit()
    expect(lines).toEqual(untold(/^unknown: (Not tested\. )?The vendor rejects the key\. Incorrect API key provided: /))
    expect(vendor.requests.length).toBe(1)
    expect(JSON.stringify(report)).not.toContain('known-value')
    const { status, statusReason } = (await listed('odd')) ?? {}
    expect([status, statusReason]).toEqual(['key-rejected', expect.stringContaining('[redacted]')])
  })

  test('no credit', async () => {
    vendor.become({ noCredit: true })
    const { models, ...lines } = (await visit()).lines
    expect(models).toMatch(/^yes/)
    for (const line of Object.values(lines))
      expect(line).toMatch(/^unknown: (Not tested\. )?The key has no credit left/)
    expect(vendor.requests.length).toBe(2)
    expect((await listed('odd'))?.status).toBe('out-of-credit')
  })

  test('a rate limit is neither a verdict nor an unreachable vendor', async () => {
    vendor.become({ tooFast: true })
    const { lines } = await visit()
    expect(lines).toMatchObject({
      text: expect.stringMatching(/^unknown: The vendor's rate limit was reached\. Rate limit reached/),
      abort: 'unknown: Not tested: a simple chat got no answer.',
    })
    expect(vendor.requests.length).toBe(2)
    expect((await listed('odd'))?.status).toBe('unknown')
  })

  test('a vendor that hangs: one probe is waited for, the rest is not asked', async () => {
    vendor.become({ hangs: true })
    const { models, ...lines } = (await visit()).lines
    expect(models).toMatch(/^yes/)
    for (const line of Object.values(lines))
      expect(line).toMatch(/^unknown: (Not tested\. )?The vendor did not answer in time\. .* within 4 seconds\.$/)
    expect((await listed('odd'))?.status).toBe('unreachable')
  })

  test('a vendor that hangs on one thing alone is asked for the others', async () => {
    vendor.become({ endless: true, hangsOnTools: true })
    expect((await visit()).lines).toMatchObject({
      tools: expect.stringMatching(/^unknown: The vendor did not answer in time/),
      'structured-output': expect.stringMatching(/^unknown: The vendor did not answer in time/),
      abort: expect.stringMatching(/^yes/),
    })
    expect((await listed('odd'))?.status).toBe('active')
  })

  test('nobody is there', async () => {
    await server.connections.save({
      provider: 'openai-compatible',
      slug: 'none',
      baseUrl: 'http://127.0.0.1:1',
      apiKey: KEY,
    })
    const { lines } = await visit('none')
    expect(lines).toEqual(untold(/^unknown: (Not tested\. )?The vendor can't be reached\./))
    expect((await listed('none'))?.status).toBe('unreachable')
  })
})

describe('a report', () => {
  const stored = async () => (await admin('GET', 'odd/doctor')).json.report

  test('stays with another label or slug, and is dropped with another key, origin or header', async () => {
    const { report } = await visit()
    await admin('PATCH', 'odd', { label: 'New', slug: 'other' })
    await admin('PATCH', 'other', { slug: 'odd' })
    expect(await stored()).toEqual(report)
    for (const body of [
      { apiKey: 'sk-new' },
      { headers: { 'x-org': 'o' } },
      { baseUrl: `${vendor.url}/`, apiKey: KEY },
    ]) {
      await visit()
      expect((await admin('PATCH', 'odd', body)).status).toBe(200)
      expect(await stored()).toBeNull()
    }
  })

  test('goes with its connection; there is none of a connection that is not there', async () => {
    await visit()
    await admin('DELETE', 'odd')
    for (const method of ['GET', 'POST']) {
      const { status, json } = await admin(method, 'odd/doctor')
      expect([status, json.error.code]).toEqual([404, 'connection-not-found'])
    }
  })

  test('of a connection that was changed during the visit is not kept, and there is one visit at a time', async () => {
    vendor.become({ hangs: true })
    const first = admin('POST', 'odd/doctor')
    await expect.poll(() => vendor.requests.length).toBeGreaterThan(1)
    expect((await admin('POST', 'odd/doctor')).json.error).toMatchObject({
      code: 'conflict',
      message: 'Diagnostics of "odd" are already running.',
    })
    await server.connections.save({ provider: 'openai-compatible', slug: 'odd', baseUrl: vendor.url, apiKey: 'sk-new' })
    expect((await first).json.error.code).toBe('conflict')
    expect(await stored()).toBeNull()
    expect((await listed('odd'))?.status).toBe('unknown')
  })
})

test('a server that stops does not wait for the visit', async () => {
  const closing = await startServer({ pieces: {} })
  await closing.connections.save({ provider: 'openai-compatible', slug: 'odd', baseUrl: vendor.url, apiKey: KEY })
  vendor.become({ hangs: true })
  const visiting = closing.call('POST', '/api/v1/ai-providers/odd/doctor', { key: ADMIN_KEY })
  await expect.poll(() => vendor.requests.length).toBeGreaterThan(1)
  await closing.stop()
  const { status, json } = await visiting
  expect([status, json.error.code]).toEqual([503, 'shutting-down'])
})

test('no word of it holds the key', () => {
  expect(server.logs.join('')).not.toContain('known-value')
})
