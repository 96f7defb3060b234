import { AI, listModels } from '@activepieces/pieces-common'
import { startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Forms, sound and lists the whole way: library → proxy → vendor.
let upstream: Upstream
let server: TestServer
let connection: { provider: 'openai'; server: { apiUrl: string; token: string } }

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer()
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: 'sk-openai-known' })
  connection = { provider: 'openai', server: { apiUrl: `${server.url}/api/`, token: await server.token() } }
})

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

test('a form arrives as it was sent, with the stored key', async () => {
  const ai = AI(connection)
  if (!ai.audio?.transcribe) throw new Error('OpenAI listens.')
  upstream.answer((_request, response) => json(response, 200, { text: 'Hello, friend.' }))
  const sound = Buffer.from(
    Array.from({ length: 300_000 }, (_, index) => (index < 3 ? 'ID3'.charCodeAt(index) : index)),
  )
  const { text } = await ai.audio.transcribe({ model: 'whisper-1', file: { filename: 'talk.mp3', data: sound } })
  expect(text).toBe('Hello, friend.')
  const { url, headers, body } = upstream.last()
  expect([url, headers.authorization]).toEqual(['/v1/audio/transcriptions', 'Bearer sk-openai-known'])
  expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  expect(body.includes(sound)).toBe(true)
})

test('sound comes piece by piece', async () => {
  const ai = AI(connection)
  if (!ai.audio?.speech) throw new Error('OpenAI speaks.')
  let finish = () => {}
  upstream.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).write(Buffer.from([0xff, 0xf3, 0x80]))
    finish = () => void response.end(Buffer.from([0xfe, 0x00]))
  })
  const { audio, mediaType } = await ai.audio.speech({ model: 'tts-1', input: 'Hello', voice: 'alloy' })
  const pieces: number[][] = []
  for await (const piece of audio) {
    pieces.push([...piece])
    finish()
  }
  expect([mediaType, pieces]).toEqual([
    'audio/mpeg',
    [
      [0xff, 0xf3, 0x80],
      [0xfe, 0x00],
    ],
  ])
})

test('embeddings and lists of models', async () => {
  const ai = AI(connection)
  if (!ai.embedding) throw new Error('OpenAI makes embeddings.')
  upstream.answer((_request, response) => json(response, 200, { data: [{ index: 0, embedding: [1, 2] }] }))
  const reply = await ai.embedding.create({ model: 'text-embedding-3-small', input: 'A piece' })
  expect(reply.embeddings).toEqual([[1, 2]])
  upstream.answer((_request, response) => json(response, 200, { data: [{ id: 'gpt-of-yesterday' }] }))
  const { models, live } = await listModels(connection)
  expect([live, models.at(-1)?.value]).toEqual([true, 'gpt-of-yesterday'])
  expect(upstream.last().url).toBe('/v1/models')
})
