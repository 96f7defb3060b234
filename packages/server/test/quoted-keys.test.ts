import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** No pattern of the library knows it: 32 characters of hex, as Azure's and Mistral's keys. */
const KEY = '7f3a9c1d5e2b80467f3a9c1d5e2b8046'
const FORMS = [
  KEY,
  KEY.toUpperCase(),
  Buffer.from(KEY).toString('base64'),
  Buffer.from(`Bearer ${KEY}`).toString('base64url'),
  [...KEY].map((char) => `%${char.charCodeAt(0).toString(16)}`).join(''),
]

let server: TestServer
let upstream: Upstream
let spans = ''
const collector = createServer(async (request, response) => {
  for await (const chunk of request) spans += chunk
  response.end('{}')
})

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  // SAFETY: a server that listens on a port has an AddressInfo.
  const otlpEndpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  upstream = await startUpstream()
  server = await startServer({ otlpEndpoint })
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: KEY })
})
afterAll(async () => {
  await upstream.close()
  collector.closeAllConnections()
  collector.close()
})

const admin = (method: string, path: string, body?: object) =>
  server.call(method, `/api/v1${path}`, { key: ADMIN_KEY, body })
const chat = async () => {
  const token = await server.token()
  const path = `${server.url}/api/v1/ai-providers/proxy/openai/v1/chat/completions`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return fetch(path, { method: 'POST', headers, body: '{"model":"gpt-4o"}' })
}
/** Waits until the row of a call is written. */
async function usageRows(count: number) {
  for (;;) {
    const { json } = await admin('GET', '/usage?limit=50')
    if (json.data.length >= count) return json.data
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('a key that a provider quotes is stored, logged and shown nowhere, in any form', async () => {
  const shown: unknown[] = []
  const quote = FORMS.join(' or ')
  upstream.answer((_request, response) =>
    json(
      response,
      401,
      { error: { message: `Incorrect API key provided: ${quote}.`, code: KEY, type: quote } },
      { 'x-request-id': KEY },
    ),
  )
  const refused = await chat()
  expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining(KEY)])
  expect([...refused.headers].flat().join()).not.toContain(KEY)
  const [row] = await usageRows(1)
  expect([row.error, row.vendorRequestId]).toEqual(['authentication', null])

  const list = await server.call('GET', '/api/v1/ai-providers', { key: await server.token() })
  expect(list.json.data[0]).toMatchObject({
    status: 'key-rejected',
    statusReason: expect.stringContaining('[redacted]'),
  })

  const input = { provider: 'openai', model: 'gpt-4o', prompt: 'Hi' }
  const run = await admin('POST', '/pieces/text-ai/actions/ask_ai/run', { input })
  expect(run.json).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('[redacted]') } })
  const options = await admin('POST', '/pieces/text-ai/actions/ask_ai/options', { property: 'model', input })
  const check = await admin('POST', '/ai-providers/openai/check')
  const save = await admin('POST', '/ai-providers', {
    provider: 'openai',
    slug: 'again',
    baseUrl: upstream.url,
    apiKey: KEY,
  })
  expect([check.json.outcome, save.status]).toEqual(['key-rejected', 422])
  const doctor = await admin('POST', '/ai-providers/openai/doctor', {})
  shown.push(list.text, run.text, options.text, check.text, save.text, doctor.text)

  upstream.answer((_request, response) =>
    json(response, 200, {
      id: KEY,
      model: KEY,
      choices: [{ index: 0, message: { role: 'assistant', content: `It is ${KEY}` }, finish_reason: KEY }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    }),
  )
  const answered = await admin('POST', '/pieces/text-ai/actions/ask_ai/run', { input })
  expect(answered.text).toContain('It is [redacted]')
  await (await chat()).text()
  const before = await usageRows(3)
  expect(JSON.stringify(before)).not.toContain(KEY)
  shown.push(answered.text, before)
  for (const path of ['/usage/summary?groupBy=model', '/audit', '/ai-providers', '/ai-providers/openai/doctor'])
    shown.push((await admin('GET', path)).text)
  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })
  shown.push(await metrics.text())

  await server.stop()
  expect(spans).toContain('chat gpt-4o')
  for (const form of FORMS) {
    for (const one of [...shown.map((text) => JSON.stringify(text)), server.logs.join(''), spans]) {
      expect(one.toLowerCase()).not.toContain(form.toLowerCase())
    }
  }
})
