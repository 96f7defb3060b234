import type { AIEmbedding, AIImage, AIModeration } from './contract.ts'
import type {
  AIEmbeddingCreateParams,
  AIEmbeddingReply,
  AIImageGenerateParams,
  AIImageReply,
  AIMediaOptions,
  AIModerationCreateParams,
  AIModerationReply,
} from './contract-media.ts'
import { AIError, toAIError } from './errors.ts'
import { setLimits } from './limits.ts'
import { type AICapability, type AiModel, capabilitiesOf } from './model.ts'
import { retrying } from './retry.ts'
import { sumUsage } from './usage.ts'
import { validateModel } from './validate.ts'
import { validateEmbeddingParams, validateImageParams, validateModerationParams } from './validate-media.ts'

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

/** `image.generate` of a provider that has it. */
export function createImageCaller(image: AIImage, subject: MediaSubject) {
  return createMediaCaller<AIImageGenerateParams, AIImageReply>(subject, {
    capability: 'image',
    validate: validateImageParams,
    run: (params, attempt) => attempt(() => image.generate(params)),
  })
}

/** `embedding.create` of a provider that has it: in as many requests as it needs, one after the other. */
export function createEmbeddingCaller(embedding: AIEmbedding, subject: MediaSubject) {
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

/** `moderation.create` of a provider that has it. */
export function createModerationCaller(moderation: AIModeration, subject: MediaSubject) {
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
function createMediaCaller<P extends Params, Reply>({ provider, models }: MediaSubject, medium: Medium<P, Reply>) {
  return async (params: P): Promise<Reply> => {
    const context = { provider, model: typeof params?.model === 'string' ? params.model : undefined }
    try {
      medium.validate(params)
      validateModel(params.model, medium.capability, models)
    } catch (error) {
      throw toAIError(error, context)
    }
    using limits = setLimits(params.signal, params.timeout)
    const limited = { ...params, signal: limits.signal }
    const read = (thrown: unknown) => toAIError(limits.passed() ?? thrown, context)
    try {
      return await medium.run(limited, (request) => retrying(() => notAborted(limited, request), read, limited))
    } catch (error) {
      throw read(error)
    }
  }
}

/** Nothing is sent for a call that is aborted before it begins. */
async function notAborted<T>({ signal }: AIMediaOptions, request: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw new AIError({ code: 'aborted', message: 'The call was aborted before it began.' })
  return await request()
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
