// The universal pieces the whole way, on somebody else's emulator: server → piece → library → proxy → vendor.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pieceRun } from '@activepieces/contract'
import { speechOutput, transcriptOutput } from '@activepieces/piece-audio-ai'
import { describeImageOutput, imageOutput } from '@activepieces/piece-image-ai'
import { type AiServer, createServer } from '@activepieces/server'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ADMIN_KEY = 'admin-key-of-the-tests-0123456789'
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SOUND = Buffer.from('ID3 and what follows').toString('base64')
const png = { filename: 'piece.png', base64: PNG }

let dataDir: string
let server: AiServer
let url: string
const vendor = new LLMock({ port: 0, host: '127.0.0.1' })

beforeAll(async () => {
  await vendor.start()
  vendor.onImage(/./, { images: [{ b64Json: PNG }, { b64Json: PNG }] })
  vendor.onSpeech(/./, { audio: SOUND, format: 'mp3' })
  vendor.onTranscription({ transcription: { text: 'Hello, مرحبا 👋', language: 'english', duration: 1.5 } })
  vendor.onMessage(/./, { content: 'A red piece.' })
  dataDir = await mkdtemp(join(tmpdir(), 'pieces-'))
  const allowedOrigins = [new URL(vendor.url).origin]
  server = await createServer({ port: 0, dataDir, adminKey: ADMIN_KEY, logLevel: 'silent', allowedOrigins })
  await server.connections.save({ provider: 'openai', baseUrl: vendor.url, apiKey: 'sk-test', emulated: true })
  url = await server.listen()
})
afterAll(async () => {
  await server.close()
  await vendor.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function run(piece: string, action: string, input: object) {
  const response = await fetch(`${url}/api/v1/pieces/${piece}/actions/${action}/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ input: { provider: 'openai', ...input } }),
  })
  return pieceRun.parse(await response.json())
}

describe('Image AI', () => {
  it('Generate Image gives files of their own type (golden, M8)', async () => {
    const input = {
      model: 'gpt-image-2',
      prompt: 'A red piece',
      count: 2,
      advancedOptions: { quality: 'low', background: '' },
    }
    const { output } = await run('image-ai', 'generate_image', input)
    const url = `data:image/png;base64,${PNG}`
    expect(imageOutput.parse(output)).toEqual({
      images: [
        { url, filename: 'image-1.png', mediaType: 'image/png' },
        { url, filename: 'image-2.png', mediaType: 'image/png' },
      ],
      usage: {},
    })
  })

  it('Edit Image sends the image and gives the changed one', async () => {
    const { output } = await run('image-ai', 'edit_image', { model: 'gpt-image-2', prompt: 'Make it blue', image: png })
    expect(imageOutput.parse(output).images[0]).toMatchObject({
      filename: 'edited-image-1.png',
      mediaType: 'image/png',
    })
  })

  it('Describe Image sends the image with the question', async () => {
    const { output } = await run('image-ai', 'describe_image', {
      model: 'gpt-5.5',
      image: png,
      question: 'What colour?',
    })
    expect(describeImageOutput.parse(output)).toMatchObject({ text: 'A red piece.', warnings: [] })
    expect(JSON.stringify(vendor.getLastRequest()?.body)).toContain(PNG)
  })

  it('a file that is none, or of a wrong type, is an error that names it (A5)', async () => {
    const input = { model: 'gpt-5.5', image: 'piece.png' }
    const words = '"Image" is a text; allowed is a file as { filename, base64 }, or as a data: URL with base64.'
    expect((await run('image-ai', 'describe_image', input)).error).toMatchObject({
      code: 'invalid-input',
      message: words,
    })
    const text = { filename: 'notes.txt', base64: Buffer.from('notes').toString('base64') }
    const { error } = await run('image-ai', 'describe_image', { ...input, image: text })
    expect(error?.message).toContain('notes.txt')
    expect(error?.message).toContain('image/png')
  })
})

describe('Audio AI', () => {
  it('Text to Speech gives a sound file (golden)', async () => {
    const input = { model: 'gpt-4o-mini-tts', text: 'مرحبا 👋', voice: 'alloy' }
    const { output } = await run('audio-ai', 'text_to_speech', input)
    expect(speechOutput.parse(output)).toEqual({
      url: `data:audio/mpeg;base64,${SOUND}`,
      filename: 'speech.mp3',
      mediaType: 'audio/mpeg',
      bytes: Buffer.from(SOUND, 'base64').length,
    })
  })

  it('Transcribe Audio gives the text (golden)', async () => {
    const file = { filename: 'talk.mp3', base64: SOUND }
    const { output } = await run('audio-ai', 'transcribe_audio', { model: 'whisper-1', file, language: 'en' })
    expect(transcriptOutput.parse(output)).toMatchObject({ text: 'Hello, مرحبا 👋', language: 'english' })
  })
})

it('a provider that lacks what an action needs is refused before anything is sent', async () => {
  await server.connections.save({ provider: 'anthropic', baseUrl: vendor.url, apiKey: 'sk-test', emulated: true })
  vendor.clearRequests()
  const { error } = await run('image-ai', 'generate_image', { provider: 'anthropic', model: 'x', prompt: 'A piece' })
  expect(error).toMatchObject({ code: 'unsupported', actor: 'flow-author' })
  expect(vendor.getRequests()).toEqual([])
})
