// Images and audio with every provider that supports them, end to end: piece → library → the real server's proxy → a
// third-party emulator. It lacks Gemini, Cohere and Replicate: the first two are faked here as documented, and Replicate's
// jobs are tested in replicate.test.ts.
import { audioAi, speechOutput, transcriptOutput } from '@activepieces/piece-audio-ai'
import { describeImageOutput, imageAi, imageOutput } from '@activepieces/piece-image-ai'
import { type AICapability, type AiProviderMetadata, AiProviders, capabilitiesOf } from '@activepieces/pieces-common'
import { OPTIONS } from '@activepieces/provider-conformance'
import { createServer, type ProviderServer } from '@activepieces/server'
import { dataFolder } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SOUND = Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x00 a sound').toString('base64')
const TRANSCRIPT = 'Hello, مرحبا 👋'

const DESCRIPTION = 'A very small picture.'
const FAKED = ['gemini', 'cohere']

const emulator = new LLMock({ port: 0, host: '127.0.0.1', journalMaxEntries: 10 })
let fake: Upstream
let server: ProviderServer
let folder: Awaited<ReturnType<typeof dataFolder>>
let context: { apiUrl: string; publicUrl: string; token: string }
beforeAll(async () => {
  folder = await dataFolder()
  emulator.onImage(/./, { images: [{ b64Json: PNG }] })
  emulator.onSpeech(/./, { audio: SOUND, format: 'mp3' })
  emulator.onTranscription({ transcription: { text: TRANSCRIPT, language: 'english', duration: 1.5 } })
  emulator.on({ predicate: () => true }, { content: DESCRIPTION })
  await emulator.start()
  fake = await startUpstream()
  fake.answer(({ url }, response) => {
    if (url?.includes('/audio/transcriptions')) return json(response, 200, { text: TRANSCRIPT })
    const isImage = url?.includes('-image:')
    const part = isImage ? { inlineData: { mimeType: 'image/png', data: PNG } } : { text: DESCRIPTION }
    json(response, 200, { candidates: [{ content: { parts: [part], role: 'model' }, finishReason: 'STOP', index: 0 }] })
  })
  const allowedOrigins = [new URL(emulator.url).origin, fake.url]
  server = await createServer({ dataDir: folder.path, port: 0, logLevel: 'silent', pieces: {}, allowedOrigins })
  for (const { value } of AiProviders) {
    const baseUrl = FAKED.includes(value) ? fake.url : emulator.url
    await server.connections.save({ provider: value, apiKey: 'vendor-key-1', baseUrl })
  }
  const apiUrl = `${await server.listen()}/api/`
  context = { apiUrl, publicUrl: '', token: (await server.mintEngineToken({ expiresInSeconds: 3600 })).token }
}, 60_000)
afterAll(async () => {
  await server.close()
  await emulator.stop()
  await fake.close()
  await folder.remove()
})

/** The part of a piece that these tests use. */
type Runnable = { getAction: (name: string) => { run: (context: never) => Promise<unknown> } | undefined }

async function run(piece: Runnable, name: string, propsValue: object): Promise<unknown> {
  const files = {
    write: async ({ fileName, data }: { fileName: string; data: Buffer }) =>
      `file:${fileName},${data.toString('base64')}`,
  }
  // SAFETY: AI actions use only these parts of their context.
  return await piece.getAction(name)?.run({ propsValue, server: context, files } as never)
}

const fileOf = (filename: string, base64: string) => ({
  filename,
  data: Buffer.from(base64, 'base64'),
  extension: filename.split('.')[1],
  base64,
})

/** Returns the providers that support a capability, each with its first model for it. */
function providersWith(capability: AICapability) {
  return AiProviders.flatMap((entry: AiProviderMetadata) => {
    const model = entry.models.find((one) => capabilitiesOf(one).includes(capability))?.value
    return model === undefined || entry.value === 'replicate' ? [] : [{ provider: entry.value, model }]
  })
}

const supports = (provider: string, capability: string) =>
  Object(Object(OPTIONS)[provider]).supports?.[capability] !== false

describe.each(providersWith('image'))('$provider, $model', (target) => {
  it('Generate Image', async () => {
    const output = imageOutput.parse(await run(imageAi, 'generate_image', { ...target, prompt: 'A piece, قطعة 🧩' }))
    expect(output.images).toEqual([{ url: `file:image-1.png,${PNG}`, filename: 'image-1.png', mediaType: 'image/png' }])
  })

  it('Edit Image', async () => {
    const props = { ...target, prompt: 'Make it blue', image: fileOf('piece.png', PNG) }
    const editing = run(imageAi, 'edit_image', props)
    const { image } = AiProviders.find(({ value }) => value === target.provider)?.factory({
      serverUrl: context.apiUrl,
      engineToken: 'none',
    }) ?? { image: undefined }
    if (image?.edit) expect(imageOutput.parse(await editing).images).toHaveLength(1)
    else await expect(editing).rejects.toMatchObject({ code: 'unsupported' })
  })
})

it.each(providersWith('text').filter(({ provider }) => !['cohere', 'perplexity'].includes(provider)))(
  '$provider, $model: Describe Image',
  async (target) => {
    const describing = run(imageAi, 'describe_image', { ...target, image: fileOf('piece.png', PNG) })
    if (supports(target.provider, 'imageBase64')) {
      expect(describeImageOutput.parse(await describing).text).toBe(DESCRIPTION)
    } else await expect(describing).rejects.toMatchObject({ code: 'unsupported' })
  },
)

it.each(providersWith('speech'))('$provider, $model: Text to Speech', async (target) => {
  const output = speechOutput.parse(
    await run(audioAi, 'text_to_speech', { ...target, text: TRANSCRIPT, voice: 'alloy' }),
  )
  expect(output.url).toContain(`,${SOUND}`)
  expect(output.mediaType).toMatch(/^audio\//)
})

it.each(providersWith('transcription'))('$provider, $model: Transcribe Audio', async (target) => {
  const output = await run(audioAi, 'transcribe_audio', { ...target, file: fileOf('hello.mp3', SOUND), language: 'en' })
  expect(transcriptOutput.parse(output).text).toBe(TRANSCRIPT)
})
