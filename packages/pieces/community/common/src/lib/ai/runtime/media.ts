import type { AIClient } from '../contract/client.ts'
import type {
  AIEmbeddingCreateParams,
  AIEmbeddingResponse,
  AIImageEditParams,
  AIImageGenerateParams,
  AIImageResponse,
  AIMediaOptions,
  AIModerationCreateParams,
  AIModerationResponse,
  AISpeech,
  AISpeechParams,
  AITranscribeParams,
  AITranscript,
} from '../contract/media.ts'
import { type AICapability, type AIModel, capabilitiesOf } from '../contract/model.ts'
import type { AI, AIAudio, AIEmbedding, AIImage, AIModeration } from '../contract/registry.ts'
import { AIError } from '../errors/ai-error.ts'
import { toAIError } from '../errors/read.ts'
import { sumUsage } from '../protocols/shared/usage.ts'
import { type AttemptOptions, createDeadline, type Deadline, type Started } from './deadline.ts'
import { retrying } from './retry.ts'
import { validateModel } from './validate.ts'
import {
  validateEmbeddingParams,
  validateImageEditParams,
  validateImageParams,
  validateModerationParams,
  validateSpeechParams,
  validateTranscribeParams,
} from './validate-media.ts'

/** The provider: for errors, and for the capabilities of its models. */
export type MediaSubject = { readonly provider: string; readonly models: readonly AIModel[] }

type Params = AIMediaOptions & { model: string }
/** Sends one request, with retries and timeouts. */
type Send = <T>(request: (signal: AbortSignal) => Promise<T>) => Promise<T>
type Medium<P extends Params, Result> = {
  readonly capability: AICapability
  /** @throws AIError `invalid-request` */
  readonly validate: (params: P) => void
  /** Sends one or more requests. */
  readonly run: (params: P, send: Send) => Promise<Result>
}

/** Wraps everything except chat of a provider: validation, retries, timeouts and checked results. */
export function createMedia(
  { image, embedding, moderation, audio }: Pick<AI, 'image' | 'embedding' | 'moderation' | 'audio'>,
  subject: MediaSubject,
): Pick<AIClient, 'image' | 'embedding' | 'moderation' | 'audio'> {
  return {
    ...(image && { image: createImages(image, subject) }),
    ...(embedding && { embedding: { create: createEmbeddingCaller(embedding, subject) } }),
    ...(moderation && { moderation: { create: createModerationCaller(moderation, subject) } }),
    ...(audio && { audio: createAudio(audio, subject) }),
  }
}

function createImages(image: AIImage, subject: MediaSubject): NonNullable<AIClient['image']> {
  const edit = image.edit?.bind(image)
  return {
    generate: createMediaCaller<AIImageGenerateParams, AIImageResponse>(subject, {
      capability: 'image',
      validate: validateImageParams,
      run: async (params, send) => checkImages(await send((signal) => image.generate({ ...params, signal }))),
    }),
    edit: createMediaCaller<AIImageEditParams, AIImageResponse>(subject, {
      capability: 'image',
      validate: validateImageEditParams,
      run: async (params, send) => {
        if (edit) return checkImages(await send((signal) => edit({ ...params, signal })))
        throw new AIError({ code: 'unsupported', message: `The provider ${subject.provider} does not edit images.` })
      },
    }),
  }
}

/** @throws AIError `invalid-reply` for a response without an image */
function checkImages(reply: AIImageResponse): AIImageResponse {
  const images = reply?.images ?? []
  if (images.length > 0 && images.every(({ base64 }) => base64)) return reply
  throw invalidResponse(images.length > 0 ? 'has an empty image' : 'has no image')
}

function createAudio(audio: AIAudio, subject: MediaSubject): NonNullable<AIClient['audio']> {
  const speech = audio.speech?.bind(audio)
  const transcribe = audio.transcribe?.bind(audio)
  return {
    ...(speech && { speech: createSpeechCaller(speech, subject) }),
    ...(transcribe && {
      transcribe: createMediaCaller<AITranscribeParams, AITranscript>(subject, {
        capability: 'transcription',
        validate: validateTranscribeParams,
        run: async (params, send) => {
          const transcript = await send((signal) => transcribe({ ...params, signal }))
          if (typeof transcript?.text === 'string') return transcript
          throw invalidResponse('has no text')
        },
      }),
    }),
  }
}

/** Splits the inputs into as many requests as needed, sent one after another. */
function createEmbeddingCaller(embedding: AIEmbedding, subject: MediaSubject) {
  return createMediaCaller<AIEmbeddingCreateParams, AIEmbeddingResponse>(subject, {
    capability: 'embedding',
    validate: validateEmbeddingParams,
    run: async (params, send) => {
      const inputs = typeof params.input === 'string' ? [params.input] : params.input
      const size = embedding.maxInputs ?? inputs.length
      const replies: AIEmbeddingResponse[] = []
      for (let from = 0; from < inputs.length; from += size) {
        const input = inputs.slice(from, from + size)
        const reply = await send((signal) => embedding.create({ ...params, input, signal }))
        checkEmbeddings(reply, input.length, params.dimensions ?? replies[0]?.embeddings[0]?.length)
        replies.push(reply)
      }
      return joined(replies)
    },
  })
}

function createModerationCaller(moderation: AIModeration, subject: MediaSubject) {
  const call = createMediaCaller<AIModerationCreateParams & { model: string }, AIModerationResponse>(subject, {
    capability: 'moderation',
    validate: validateModerationParams,
    run: async (params, send) => {
      const input = typeof params.input === 'string' ? [{ type: 'text' as const, text: params.input }] : params.input
      const verdict = await send((signal) => moderation.create({ ...params, input, signal }))
      if (typeof verdict?.flagged === 'boolean') return verdict
      throw invalidResponse('has no verdict')
    },
  })
  const fallback = subject.models.find((model) => capabilitiesOf(model).includes('moderation'))?.value
  // SAFETY: validation rejects a call without a model.
  return (params: AIModerationCreateParams) => call({ ...params, model: (params?.model ?? fallback) as string })
}

/** Creates a call with validation, retries, timeouts and typed errors. */
function createMediaCaller<P extends Params, Result>(subject: MediaSubject, medium: Medium<P, Result>) {
  return async (params: P): Promise<Result> => {
    const context = checked(params, medium, subject)
    using deadline = createDeadline(params.signal, params.timeout)
    const read = (thrown: unknown) => toAIError(deadline.exceeded() ?? thrown, context)
    const { signal } = deadline
    const { retries } = params
    try {
      return await medium.run(params, (request) =>
        retrying(() => deadline.attempt((options) => request(options.signal)), read, { signal, retries }),
      )
    } catch (error) {
      throw read(error)
    }
  }
}

/** Validates the parameters and the model. @returns the context of errors @throws AIError */
function checked<P extends { model: string }>(
  params: P,
  { capability, validate }: Pick<Medium<P & Params, unknown>, 'capability'> & { validate: (params: P) => void },
  { provider, models }: MediaSubject,
) {
  const context = { provider, model: typeof params?.model === 'string' ? params.model : undefined }
  try {
    validate(params)
    validateModel(params.model, capability, models)
  } catch (error) {
    throw toAIError(error, context)
  }
  return context
}

// ---- speech

function createSpeechCaller(speech: NonNullable<AIAudio['speech']>, subject: MediaSubject) {
  return async (params: AISpeechParams): Promise<AISpeech> => {
    const context = checked(params, { capability: 'speech', validate: validateSpeechParams }, subject)
    const deadline = createDeadline(params.signal, params.timeout)
    const read = (thrown: unknown) => toAIError(deadline.exceeded() ?? thrown, context)
    try {
      const retry = { signal: deadline.signal, retries: params.retries }
      let mediaType = ''
      const pieces = async function* ({ signal }: AttemptOptions) {
        const reply = await speech({ ...params, signal })
        mediaType = reply.mediaType
        for await (const piece of reply.audio) if (piece.length > 0) yield piece
      }
      const started = await retrying(() => deadline.iterate(pieces), read, retry)
      if (started.first.done) throw read(invalidResponse('has no audio'))
      return { mediaType, audio: deliver(started, deadline, read) }
    } catch (error) {
      deadline[Symbol.dispose]()
      throw error
    }
  }
}

async function* deliver(
  { first, next, close }: Started<Uint8Array>,
  deadline: Deadline,
  read: (thrown: unknown) => AIError,
): AsyncGenerator<Uint8Array> {
  try {
    for (let step = first; !step.done; step = await next()) yield step.value
  } catch (error) {
    throw read(error)
  } finally {
    deadline[Symbol.dispose]()
    await close()
  }
}

// ---- embeddings

/** @throws AIError `invalid-reply`: a missing embedding would assign all later ones to the wrong texts */
function checkEmbeddings(reply: AIEmbeddingResponse, count: number, wanted: number | undefined): void {
  const embeddings = reply?.embeddings ?? []
  const dimensions = wanted ?? embeddings[0]?.length
  if (embeddings.length !== count) throw invalidResponse(`has ${embeddings.length} embeddings for ${count} inputs`)
  const odd = embeddings.findIndex(({ length }) => length === 0 || length !== dimensions)
  if (odd < 0) return
  throw invalidResponse(`has ${embeddings[odd]?.length} numbers in embedding ${odd}; expected ${dimensions}`)
}

function joined(replies: readonly AIEmbeddingResponse[]): AIEmbeddingResponse {
  const [first, ...rest] = replies
  if (first && rest.length === 0) return first
  const usages = replies.flatMap(({ usage }) => (usage ? [usage] : []))
  return {
    embeddings: replies.flatMap(({ embeddings }) => embeddings),
    model: first?.model,
    usage: usages.length > 0 ? sumUsage(usages) : undefined,
  }
}

function invalidResponse(what: string): AIError {
  return new AIError({ code: 'invalid-reply', message: `The response ${what}.` })
}
