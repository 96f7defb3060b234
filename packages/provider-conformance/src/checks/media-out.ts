import { type AICapability, AiProviders, capabilitiesOf } from '@activepieces/pieces-common'
import type { Check, Context } from '../check.ts'
import { equal, errorOf, fail, ok, within } from '../expect.ts'
import { embeddingProtocolOf, encodeEmbeddings } from '../protocols/embeddings.ts'
import { encodeImages, imageProtocolOf } from '../protocols/images.ts'
import type { RequestType } from '../protocols/protocol.ts'
import type { Responder } from '../targets/fake-vendor.ts'
import { json, text } from '../targets/responses.ts'
import { PNG } from './files.ts'

/** Checks of media APIs. Images and embeddings have several protocols (src/protocols/); the rest use OpenAI's. */
export const MEDIA_OUT_CHECKS: readonly Check[] = [
  {
    name: 'M06 image generation',
    medium: 'image',
    request: (request) => imageProtocolOf(request)?.request,
    run: imageOut,
  },
  {
    name: 'M07 speech',
    medium: 'speech',
    request: typed('openai/resources/audio/speech', 'SpeechCreateParams'),
    run: speech,
  },
  { name: 'M08 transcription', medium: 'transcription', sendsUntyped: true, run: transcription },
  {
    name: 'M09 embeddings: order, dimension',
    medium: 'embedding',
    request: (request) => embeddingProtocolOf(request)?.request,
    run: embeddings,
  },
  {
    name: 'M10 moderation categories',
    medium: 'moderation',
    request: typed('openai/resources/moderations', 'ModerationCreateParams'),
    run: moderation,
  },
]

function typed(module: string, type: string): () => RequestType {
  return () => ({ module, type, extraFields: [] })
}

async function imageOut({ ai, vendor, entry, model }: Context): Promise<void> {
  const { image } = ai
  ok(image, 'the provider has no image')
  const params = { model: modelFor(entry, 'image'), prompt: 'A red pixel', retries: 0 }
  const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex').toString('base64')
  vendor.respondWith(encodeImages([PNG, jpeg]))
  const { images } = await image.generate({ ...params, n: 2 })
  const expected = [
    { base64: jpeg, mediaType: 'image/jpeg' },
    { base64: PNG, mediaType: 'image/png' },
  ]
  // Images that are separate requests can arrive in any order.
  const found = images.toSorted((one, other) => one.mediaType.localeCompare(other.mediaType))
  equal(found, expected, 'the images with the types of their bytes')
  const [request] = vendor.requests
  ok(request, 'no request was sent')
  equal(imageProtocolOf(request)?.promptOf(request.body), params.prompt, 'the prompt sent')
  vendor.respondWith(encodeImages([]))
  equal((await errorOf(() => image.generate(params))).code, 'invalid-reply', 'the code for a reply without an image')
  await refused('image', { vendor, entry, model }, (other) => image.generate({ ...params, model: other }))
}

async function speech({ ai, vendor, entry, model }: Context): Promise<void> {
  const generate = ai.audio?.speech
  ok(generate, 'the provider has no speech')
  const params = { model: modelFor(entry, 'speech'), input: 'Hello', voice: 'alloy', retries: 0 }
  let finish = () => {}
  vendor.respondWith(
    at('/audio/speech', (response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('ID3 first,')
      finish = () => void response.end(' last')
    }),
  )
  const received: string[] = []
  const listen = async () => {
    const { audio, mediaType } = await generate(params)
    equal(mediaType, 'audio/mpeg', 'the media type of the audio')
    for await (const chunk of audio) {
      received.push(Buffer.from(chunk).toString())
      finish()
    }
  }
  await within(listen(), 2000, 'no audio arrived before the response was complete; expected it chunk by chunk')
  equal(received.join(''), 'ID3 first, last', 'the bytes of the audio')
  vendor.respondWith((response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('ID3 first,')
    setTimeout(() => response.socket?.resetAndDestroy(), 20)
  })
  equal((await errorOf(listen, 'truncated speech')).code, 'interrupted', 'the code for truncated speech')
  await refused('speech', { vendor, entry, model }, (other) => generate({ ...params, model: other }))
}

async function transcription({ ai, vendor, entry, model }: Context): Promise<void> {
  const transcribe = ai.audio?.transcribe
  ok(transcribe, 'the provider has no transcription')
  const file = { filename: 'talk.mp3', data: Buffer.from('ID3 some audio') }
  // Not every vendor detects the language.
  const params = { model: modelFor(entry, 'transcription'), file, language: 'en', retries: 0 }
  vendor.respondWith(at('/audio/transcriptions', json({ text: ' Hello, friend. ' })))
  const transcript = await transcribe(params)
  equal(transcript.text, ' Hello, friend. ', 'the text')
  equal(transcript.durationSeconds, undefined, 'a duration that the vendor did not report')
  const sent = vendor.requests[0]?.text ?? ''
  for (const part of ['ID3 some audio', 'talk.mp3', params.model]) ok(sent.includes(part), `"${part}" is not sent`)
  vendor.respondWith(json({}))
  equal((await errorOf(() => transcribe(params))).code, 'invalid-reply', 'the code for a reply without text')
  await refused('transcription', { vendor, entry, model }, (other) => transcribe({ ...params, model: other }))
}

async function embeddings({ ai, vendor, entry, model }: Context): Promise<void> {
  const { embedding } = ai
  ok(embedding, 'the provider has no embedding')
  const params = { model: modelFor(entry, 'embedding'), retries: 0 }
  const input = ['0', '1', '2']
  vendor.respondWith(encodeEmbeddings((text) => [Number(text), 1]))
  const reply = await embedding.create({ ...params, input, dimensions: 2 })
  equal(
    reply.embeddings,
    input.map((text) => [Number(text), 1]),
    'the embeddings in the order of the inputs',
  )
  const sent = vendor.requests.flatMap((request) => embeddingProtocolOf(request)?.inputsOf(request.body) ?? [])
  equal(sent, input, 'the inputs sent')
  vendor.respondWith(encodeEmbeddings((text) => [Number(text), 1, 1]))
  const wrong = await errorOf(() => embedding.create({ ...params, input, dimensions: 2 }), 'the wrong dimension')
  equal(wrong.code, 'invalid-reply', 'the code for embeddings of the wrong dimension')
  await refused('embedding', { vendor, entry, model }, (other) => embedding.create({ ...params, model: other, input }))
}

async function moderation({ ai, vendor, entry, model }: Context): Promise<void> {
  const { moderation } = ai
  ok(moderation, 'the provider has no moderation')
  const params = { model: modelFor(entry, 'moderation'), input: 'I want to harm the robots', retries: 0 }
  const categories = { hate: false, 'self-harm/intent': false, violence: true }
  const scores = { hate: 0.01, 'self-harm/intent': 0.001, violence: 0.92 }
  vendor.respondWith(at('/moderations', json({ results: [{ flagged: true, categories, category_scores: scores }] })))
  const verdict = await moderation.create(params)
  equal(verdict.flagged, true, 'flagged')
  equal(verdict.categories, categories, 'the categories')
  equal(verdict.scores, scores, 'the scores')
  ok(vendor.requests[0]?.text.includes(params.input), 'the text is not sent')
  vendor.respondWith(json({ results: [] }))
  equal((await errorOf(() => moderation.create(params))).code, 'invalid-reply', 'the code for a reply without a result')
  await refused('moderation', { vendor, entry, model }, (other) => moderation.create({ ...params, model: other }))
}

/** Responds to requests for this path, and with 404 to others. */
function at(path: string, respond: Responder): Responder {
  return (response, request) =>
    request.path.split('?', 1)[0]?.endsWith(path)
      ? respond(response, request)
      : text(`${request.path} is not ${path}`, 404)(response, request)
}

/** Returns the entry's first model for the medium, or an unknown model. */
function modelFor(entry: Context['entry'], medium: AICapability): string {
  return entry.models.find((model) => capabilitiesOf(model).includes(medium))?.value ?? 'unknown-model'
}

/** Expects no request for a model that the registry lists without the medium. */
async function refused(
  medium: AICapability,
  { vendor, entry, model }: Pick<Context, 'vendor' | 'entry' | 'model'>,
  call: (model: string) => Promise<unknown>,
): Promise<void> {
  const registered: readonly unknown[] = AiProviders
  const known = entry.models.find(({ value }) => value === model)
  if (!registered.includes(entry) || !known || capabilitiesOf(known).includes(medium)) return
  const sent = vendor.requests.length
  const error = await errorOf(() => call(model), `a model without ${medium}`)
  equal(error.code, 'unsupported', `the code for a model without ${medium}`)
  if (vendor.requests.length > sent) fail(`a request is sent to a model without ${medium}`)
}
