import type { OpenAI } from 'openai'
import type { AI } from '../contract.ts'
import type { AICapability, AiModel } from '../model.ts'
import { type EmbeddingsQuirks, openaiEmbeddings } from './openai-embeddings.ts'
import { openaiImages } from './openai-images.ts'
import { type ModerationsQuirks, openaiModerations } from './openai-moderations.ts'

/** What a vendor has besides chat, by capability, and where each is not as OpenAI has it. */
export type MediaQuirks = {
  readonly embedding?: EmbeddingsQuirks
  readonly moderation?: ModerationsQuirks
}

/**
 * All but the chat of a vendor that speaks OpenAI's API: what one of its models is listed for, and what `media` names.
 *
 * @param sdk loads the vendor's client, pointed at our proxy
 */
export function openaiMedia(
  sdk: () => Promise<OpenAI>,
  models: readonly AiModel[],
  media: MediaQuirks,
): Pick<AI, 'image' | 'embedding' | 'moderation'> {
  const has = (capability: AICapability) =>
    capability in media || models.some(({ supported }) => supported?.includes(capability))
  // Not embeddings.create(): that one always asks for base64, which not every vendor takes.
  const embeddings = openaiEmbeddings(async (body, options) => {
    return (await sdk()).post(media.embedding?.path ?? '/embeddings', { body, ...options })
  }, media.embedding ?? {})
  return {
    ...(has('image') && {
      image: openaiImages(async (body, options) => (await sdk()).images.generate(body, options)),
    }),
    ...(has('embedding') && { embedding: embeddings }),
    ...(has('moderation') && {
      moderation: openaiModerations(
        async (body, options) => (await sdk()).moderations.create(body, options),
        media.moderation ?? {},
      ),
    }),
  }
}
