import type { AI, AIAudio, AIEmbedding, AIImage, AIModeration, CompleteAI } from './contract.ts'
import type {
  AIEmbeddingCreateParams,
  AIEmbeddingReply,
  AIImageEditParams,
  AIImageGenerateParams,
  AIImageReply,
  AIMediaOptions,
  AIModerationCreateParams,
  AIModerationReply,
  AISpeech,
  AISpeechParams,
  AITranscribeParams,
  AITranscript,
} from './contract-media.ts'
import { AIError } from './errors.ts'
import { type Limits, setLimits } from './limits.ts'
import { type AICapability, type AiModel, capabilitiesOf } from './model.ts'
import { toAIError } from './read-error.ts'
import { retrying } from './retry.ts'
import { sumUsage } from './usage.ts'
import { validateModel } from './validate.ts'
import {
  validateEmbeddingParams,
  validateImageEditParams,
  validateImageParams,
  validateModerationParams,
  validateSpeechParams,
  validateTranscribeParams,
} from './validate-media.ts'

/** Who is asked: for errors, and for what its models can do. */
export type MediaSubject = { readonly provider: string; readonly models: readonly AiModel[] }

type Params = AIMediaOptions & { model: string }
/** Runs one request: with retries, and not at all once the call is aborted. */
type Attempt = <T>(request: () => Promise<T>) => Promise<T>
type Medium<P extends Params, Reply> = {
  readonly capability: AICapability
  /** @throws AIError `invalid-request` */
  readonly validate: (params: P) => void
  /** Makes the reply of checked parameters, of one request or several. */
  readonly run: (params: P, attempt: Attempt) => Promise<Reply>
}

/** All but the chat of a provider: what its author wrote, checked, with retries and limits. */
export function createMedia(
  { image, embedding, moderation, audio }: Pick<AI, 'image' | 'embedding' | 'moderation' | 'audio'>,
  subject: MediaSubject,
): Pick<CompleteAI, 'image' | 'embedding' | 'moderation' | 'audio'> {
  return {
    ...(image && { image: createImages(image, subject) }),
    ...(embedding && { embedding: { create: createEmbeddingCaller(embedding, subject) } }),
    ...(moderation && { moderation: { create: createModerationCaller(moderation, subject) } }),
    ...(audio && { audio: createAudio(audio, subject) }),
  }
}

function createImages(image: AIImage, subject: MediaSubject): NonNullable<CompleteAI['image']> {
  const edit = image.edit?.bind(image)
  return {
    generate: createMediaCaller<AIImageGenerateParams, AIImageReply>(subject, {
      capability: 'image',
      validate: validateImageParams,
      run: (params, attempt) => attempt(() => image.generate(params)),
    }),
    edit: createMediaCaller<AIImageEditParams, AIImageReply>(subject, {
      capability: 'image',
      validate: validateImageEditParams,
      run: (params, attempt) => {
        if (edit) return attempt(() => edit(params))
        throw new AIError({ code: 'unsupported', message: `The provider ${subject.provider} edits no images.` })
      },
    }),
  }
}

function createAudio(audio: AIAudio, subject: MediaSubject): NonNullable<CompleteAI['audio']> {
  const speech = audio.speech?.bind(audio)
  const transcribe = audio.transcribe?.bind(audio)
  return {
    ...(speech && { speech: createSpeechCaller(speech, subject) }),
    ...(transcribe && {
      transcribe: createMediaCaller<AITranscribeParams, AITranscript>(subject, {
        capability: 'transcription',
        validate: validateTranscribeParams,
        run: (params, attempt) => attempt(() => transcribe(params)),
      }),
    }),
  }
}

/** In as many requests as it needs, one after the other. */
function createEmbeddingCaller(embedding: AIEmbedding, subject: MediaSubject) {
  return createMediaCaller<AIEmbeddingCreateParams, AIEmbeddingReply>(subject, {
    capability: 'embedding',
    validate: validateEmbeddingParams,
    run: async (params, attempt) => {
      const inputs = typeof params.input === 'string' ? [params.input] : params.input
      const size = embedding.maxInputs ?? inputs.length
      const replies: AIEmbeddingReply[] = []
      for (let from = 0; from < inputs.length; from += size) {
        const input = inputs.slice(from, from + size)
        const reply = await attempt(() => embedding.create({ ...params, input }))
        checkEmbeddings(reply, input.length, params.dimensions ?? replies[0]?.embeddings[0]?.length)
        replies.push(reply)
      }
      return joined(replies)
    },
  })
}

function createModerationCaller(moderation: AIModeration, subject: MediaSubject) {
  const call = createMediaCaller<AIModerationCreateParams & { model: string }, AIModerationReply>(subject, {
    capability: 'moderation',
    validate: validateModerationParams,
    run: (params, attempt) => {
      const input = typeof params.input === 'string' ? [{ type: 'text' as const, text: params.input }] : params.input
      return attempt(() => moderation.create({ ...params, input }))
    },
  })
  const usual = subject.models.find((model) => capabilitiesOf(model).includes('moderation'))?.value
  // SAFETY: where no model is known either, the check refuses the call.
  return (params: AIModerationCreateParams) => call({ ...params, model: (params?.model ?? usual) as string })
}

/** A call for a medium: checked, with retries and limits, and whatever is thrown an AIError. */
function createMediaCaller<P extends Params, Reply>(subject: MediaSubject, medium: Medium<P, Reply>) {
  return async (params: P): Promise<Reply> => {
    const context = checked(params, medium, subject)
    using limits = setLimits(params.signal, params.timeout)
    const limited = { ...params, signal: ownSignal(limits.signal) }
    const read = (thrown: unknown) => toAIError(limits.passed() ?? thrown, context)
    try {
      return await medium.run(limited, (request) => retrying(() => notAborted(limited, request), read, limited))
    } catch (error) {
      throw read(error)
    }
  }
}

/** Checks the parameters and the model. @returns what errors have to say of the call @throws AIError */
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

/** One for each call: SDKs leave listeners on the one they get, and callers may keep theirs for long. */
function ownSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  return signal && AbortSignal.any([signal])
}

/** Nothing is sent for a call that is aborted before it begins. */
async function notAborted<T>({ signal }: Pick<AIMediaOptions, 'signal'>, request: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw new AIError({ code: 'aborted', message: 'The call was aborted before it began.' })
  return await request()
}

// ---- speech

function createSpeechCaller(speech: NonNullable<AIAudio['speech']>, subject: MediaSubject) {
  return async (params: AISpeechParams): Promise<AISpeech> => {
    const context = checked(params, { capability: 'speech', validate: validateSpeechParams }, subject)
    const limits = setLimits(params.signal, params.timeout)
    const limited = { ...params, signal: ownSignal(limits.signal) }
    const read = (thrown: unknown) => toAIError(limits.passed() ?? thrown, context)
    try {
      const begun = await retrying(() => notAborted(limited, () => begin(speech, limited, limits)), read, limited)
      return { mediaType: begun.mediaType, audio: deliver(begun, limits, read) }
    } catch (error) {
      limits[Symbol.dispose]()
      throw error
    }
  }
}

type Begun = { mediaType: string; first: Uint8Array; rest: AsyncIterator<Uint8Array> }

/** Waits for the first piece, so that a failure before any sound can be tried again, and none after it. */
async function begin(
  speech: NonNullable<AIAudio['speech']>,
  params: AISpeechParams,
  { watch }: Limits,
): Promise<Begun> {
  let mediaType = ''
  async function* pieces() {
    const reply = await speech(params)
    mediaType = reply.mediaType
    for await (const piece of reply.audio) if (piece.length > 0) yield piece
  }
  const rest = watch(pieces())[Symbol.asyncIterator]()
  const { value, done } = await rest.next()
  if (done) throw invalidReply('has no sound')
  return { mediaType, first: value, rest }
}

async function* deliver(
  { first, rest }: Begun,
  limits: Limits,
  read: (thrown: unknown) => AIError,
): AsyncGenerator<Uint8Array> {
  try {
    yield first
    for (let step = await rest.next(); !step.done; step = await rest.next()) yield step.value
  } catch (error) {
    throw read(error)
  } finally {
    limits[Symbol.dispose]()
    await rest.return?.()
  }
}

// ---- embeddings

/** @throws AIError `invalid-reply`: one embedding too few would give all that follow to the wrong texts */
function checkEmbeddings({ embeddings }: AIEmbeddingReply, count: number, dimensions = embeddings[0]?.length): void {
  if (embeddings.length !== count) throw invalidReply(`has ${embeddings.length} embeddings for ${count} inputs`)
  const odd = embeddings.findIndex(({ length }) => length === 0 || length !== dimensions)
  if (odd < 0) return
  throw invalidReply(`has ${embeddings[odd]?.length} numbers in embedding ${odd}; asked for or usual are ${dimensions}`)
}

function joined(replies: readonly AIEmbeddingReply[]): AIEmbeddingReply {
  const [first, ...rest] = replies
  if (first && rest.length === 0) return first
  const usages = replies.flatMap(({ usage }) => (usage ? [usage] : []))
  return {
    embeddings: replies.flatMap(({ embeddings }) => embeddings),
    model: first?.model,
    usage: usages.length > 0 ? sumUsage(usages) : undefined,
  }
}

function invalidReply(what: string): AIError {
  return new AIError({ code: 'invalid-reply', message: `The reply ${what}.` })
}
