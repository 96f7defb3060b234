import type { AIImage } from './contract.ts'
import type { AIImageGenerateParams, AIImageReply } from './contract-image.ts'
import { AIError, toAIError } from './errors.ts'
import { setLimits } from './limits.ts'
import type { AiModel } from './model.ts'
import { retrying } from './retry.ts'
import { validateImageParams, validateModel } from './validate.ts'

/** `image.generate` of a provider that has it: checked, with retries and limits, and whatever is thrown an AIError. */
export function createImageCaller(image: AIImage, provider: string, models: readonly AiModel[]) {
  return async (params: AIImageGenerateParams): Promise<AIImageReply> => {
    const context = { provider, model: typeof params?.model === 'string' ? params.model : undefined }
    try {
      validateImageParams(params)
      validateModel(params.model, 'image', models)
    } catch (error) {
      throw toAIError(error, context)
    }
    using limits = setLimits(params.signal, params.timeout)
    const limited = { ...params, signal: limits.signal }
    const read = (thrown: unknown) => toAIError(limits.passed() ?? thrown, context)
    return await retrying(() => generate(image, limited), read, limited)
  }
}

/** Nothing is sent for a call that is aborted before it begins. */
async function generate(image: AIImage, params: AIImageGenerateParams): Promise<AIImageReply> {
  if (params.signal?.aborted) throw new AIError({ code: 'aborted', message: 'The call was aborted before it began.' })
  return await image.generate(params)
}
