import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { AI, listModels } from '../src/index.ts'
import { ASK, json, startVendor, text, thrownBy, type Vendor } from './vendor.ts'

const PNG = Buffer.from('iVBORw0KGgo=', 'base64')
const MODEL = 'black-forest-labs/flux-schnell'

let vendor: Vendor
/** Where the images lie: another host, which must not see the token. */
let files: { url: string; seen: (string | undefined)[]; close: () => void }
beforeAll(async () => {
  vendor = await startVendor()
  const seen: (string | undefined)[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(200, { 'content-type': 'image/png' }).end(PNG)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  files = { url: `http://127.0.0.1:${port}/out.png`, seen, close: () => server.close() }
})
afterAll(async () => {
  files.close()
  await vendor.close()
})

const ai = () => {
  const { image, chat } = AI({ provider: 'replicate', server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
  if (!image) throw new Error('no images')
  return { image, chat }
}
const job = (status: string, rest: object = {}) =>
  json({ id: 'job-1', status, ...rest }, status === 'starting' ? 201 : 200)

it('asks after the job until it is done, and reads its image without the token', async () => {
  vendor.answerWith(job('starting'), job('processing'), job('succeeded', { output: [files.url] }))
  const { images } = await ai().image.generate({ model: MODEL, prompt: 'A piece.', size: '1024x1536' })
  expect(images).toEqual([{ base64: PNG.toString('base64'), mediaType: 'image/png' }])
  expect(vendor.requests.map(({ method, path }) => `${method} ${path.replace(/.*proxy/, '')}`)).toEqual([
    'POST /replicate/v1/models/black-forest-labs/flux-schnell/predictions',
    'GET /replicate/v1/predictions/job-1',
    'GET /replicate/v1/predictions/job-1',
  ])
  expect(vendor.requests[0]?.body).toEqual({ input: { prompt: 'A piece.', aspect_ratio: '2:3' } })
  expect(vendor.requests[0]?.headers).toMatchObject({ authorization: 'Bearer engine-token-1', prefer: 'wait' })
  expect(files.seen).toEqual([undefined])
})

it('several images are several jobs, and a version is named in the body', async () => {
  vendor.answerWith(job('succeeded', { output: files.url }))
  const { images } = await ai().image.generate({ model: 'someone/model:abc123', prompt: 'A piece.', n: 2 })
  expect(images).toHaveLength(2)
  expect(vendor.requests.map(({ body }) => body['version'])).toEqual(['abc123', 'abc123'])
})

it('a job that fails is an error in its words', async () => {
  vendor.answerWith(job('failed', { error: 'NSFW content detected.' }))
  const ask = () => ai().image.generate({ model: MODEL, prompt: 'A piece.', retries: 0 })
  expect(await thrownBy(ask)).toMatchObject({ code: 'content-filter', vendorMessage: 'NSFW content detected.' })
  vendor.answerWith(job('failed', { error: 'CUDA out of memory' }))
  expect(await thrownBy(ask)).toMatchObject({ code: 'server-error', actor: 'vendor' })
  vendor.answerWith(json({ title: 'Unauthenticated', detail: 'You did not pass a token', status: 401 }, 401))
  expect(await thrownBy(ask)).toMatchObject({ code: 'authentication', vendorMessage: 'You did not pass a token' })
})

it('says what is wrong with the connection, and with what is no job', async () => {
  const params = { model: MODEL, prompt: 'A piece.', retries: 0 }
  const nobody = AI({ provider: 'replicate', server: { apiUrl: 'http://127.0.0.1:9/', token: 'engine-token-1' } })
  expect(await thrownBy(async () => nobody.image?.generate(params))).toMatchObject({
    code: 'unreachable',
    provider: 'replicate',
  })
  vendor.answerWith((response) => {
    response.writeHead(201).write('{"id":', () => response.destroy())
  })
  expect(await thrownBy(() => ai().image.generate(params))).toMatchObject({ code: 'interrupted' })
  vendor.answerWith(text('<html>Bad gateway</html>', 502))
  expect(await thrownBy(() => ai().image.generate(params))).toMatchObject({ code: 'server-error', status: 502 })
  for (const odd of [text('fine'), json(['a'], 201)]) {
    vendor.answerWith(odd)
    expect(await thrownBy(() => ai().image.generate(params))).toMatchObject({ code: 'invalid-reply' })
  }
})

it('an aborted call cancels the job', async () => {
  vendor.answerWith(job('starting'), job('processing'))
  const controller = new AbortController()
  const asked = thrownBy(() => ai().image.generate({ model: MODEL, prompt: 'A piece.', signal: controller.signal }))
  while (vendor.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  controller.abort()
  expect(await asked).toMatchObject({ code: 'aborted' })
  const cancelled = () => vendor.requests.some(({ path }) => path.endsWith('/v1/predictions/job-1/cancel'))
  while (!cancelled()) await new Promise((resolve) => setTimeout(resolve, 5))
})

it('lists what the vendor recommends for images, each by what starts it', async () => {
  const model = (owner: string, name: string, rest: object = {}) => ({ owner, name, ...rest })
  const server = { apiUrl: vendor.apiUrl, token: 'engine-token-1' }
  const models = [
    model('black-forest-labs', 'flux-schnell', { is_official: true, latest_version: { id: 'v1' } }),
    model('someone', 'paints', { is_official: false, latest_version: { id: 'abc123' } }),
    model('someone', 'draws'),
    { odd: true },
  ]
  vendor.answerWith(json({ slug: 'text-to-image', models }))
  const { models: listed, live } = await listModels({ provider: 'replicate', server })
  expect(live).toBe(true)
  expect(listed.find(({ value }) => value === MODEL)).toMatchObject({ listed: true })
  expect(listed.slice(-2)).toEqual([
    { label: 'someone/paints', value: 'someone/paints:abc123', supported: ['image'], listed: true },
    { label: 'someone/draws', value: 'someone/draws', supported: ['image'], listed: true },
  ])
  expect(vendor.requests.map(({ path }) => path.replace(/.*proxy/, ''))).toEqual([
    '/replicate/v1/collections/text-to-image',
  ])
  vendor.answerWith(json({ detail: 'Not here.' }))
  const other = await listModels({ provider: 'replicate@other', server })
  expect([other.live, other.reason?.code]).toEqual([false, 'invalid-reply'])
})

it('has no chat, and says so before anything is sent', async () => {
  vendor.answerWith(job('succeeded'))
  for (const model of [MODEL as string, 'someone/else']) {
    expect(await thrownBy(() => ai().chat.text({ ...ASK, model }))).toMatchObject({ code: 'unsupported' })
  }
  expect(vendor.requests).toEqual([])
})
