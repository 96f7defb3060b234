import type { OpenAI } from 'openai'
import type { AICapability } from '../../contract/model.ts'
import type { AI } from '../../contract/registry.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { openaiSpeech, openaiTranscriptions, type SpeechQuirks } from './audio.ts'
import { type EmbeddingsQuirks, openaiEmbeddings } from './embeddings.ts'
import { type ImagesQuirks, openaiImages } from './images.ts'
import { type ModerationsQuirks, openaiModerations } from './moderations.ts'

/** What a vendor offers besides chat, and how each differs from OpenAI's API. */
export type MediaQuirks = {
  readonly image?: ImagesQuirks
  readonly embedding?: EmbeddingsQuirks
  readonly moderation?: ModerationsQuirks
  readonly speech?: SpeechQuirks
  readonly transcription?: object
}

/**
 * Everything except chat over OpenAI's API: the capabilities of the models, and those that `media` names.
 *
 * @param sdk loads the vendor's client, pointed at our proxy
 */
export function openaiMedia(
  sdk: () => Promise<OpenAI>,
  models: readonly OpenaiModel[],
  media: MediaQuirks,
): Pick<AI, 'image' | 'embedding' | 'moderation' | 'audio'> {
  const has = (capability: AICapability) =>
    capability in media || models.some(({ supported }) => supported?.includes(capability))
  const { image = {}, embedding = {}, moderation = {}, speech = {} } = media
  return {
    ...(has('image') && {
      image: openaiImages(
        {
          generate: async (body, options) => (await sdk()).images.generate(body, options),
          edit: async (body, options) => (await sdk()).images.edit(body, options),
        },
        image,
      ),
    }),
    ...(has('embedding') && {
      // Not embeddings.create(), which always asks for base64, which not every vendor supports.
      embedding: openaiEmbeddings(
        async (body, options) => (await sdk()).post(embedding.path ?? '/embeddings', { body, ...options }),
        embedding,
      ),
    }),
    ...(has('moderation') && {
      moderation: openaiModerations(
        async (body, options) => (await sdk()).moderations.create(body, options),
        moderation,
      ),
    }),
    ...((has('speech') || has('transcription')) && {
      audio: {
        ...(has('speech') && {
          speech: openaiSpeech(async (body, options) => (await sdk()).audio.speech.create(body, options), speech),
        }),
        ...(has('transcription') && {
          transcribe: openaiTranscriptions(
            async (body, options) => (await sdk()).audio.transcriptions.create(body, options),
            models,
          ),
        }),
      },
    }),
  }
}
