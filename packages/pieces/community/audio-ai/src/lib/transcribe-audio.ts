import { AI, AIError, advancedOptionsOf, aiProps, asStep } from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** Output of Transcribe Audio. Fields that the provider does not return are absent. */
export const transcriptOutput = z.strictObject({
  text: z.string(),
  language: z.string().optional().describe('As the provider reports it, e.g. en or english.'),
  durationSeconds: z.number().optional(),
  segments: z
    .array(
      z.strictObject({
        text: z.string(),
        start: z.number().describe('Seconds from the start of the audio.'),
        end: z.number(),
        speaker: z.string().optional(),
      }),
    )
    .optional(),
})
export type TranscriptOutput = z.infer<typeof transcriptOutput>

export const transcribeAudio = createAction({
  name: 'transcribe_audio',
  displayName: 'Transcribe Audio',
  description: 'Transcribes an audio file.',
  requireAuth: false,
  props: {
    ...aiProps('transcription'),
    file: Property.File({
      displayName: 'Audio',
      description: 'MP3, M4A, MP4, WAV, WebM, FLAC or Ogg.',
      required: true,
    }),
    language: Property.ShortText({
      displayName: 'Language',
      description: 'Two-letter code, such as `en`. Leave blank to detect the language.',
      required: false,
    }),
    prompt: Property.LongText({
      displayName: 'Hints',
      description: 'Names and terms that occur in the audio, or the text that precedes it.',
      required: false,
    }),
  },
  run: ({ propsValue, server }) =>
    asStep(async (): Promise<TranscriptOutput> => {
      const { provider, model, file, language, prompt, advancedOptions } = propsValue
      const ai = AI({ provider, server })
      if (!ai.audio?.transcribe) {
        const message = `The AI provider "${provider}" does not support transcription.`
        throw new AIError({ code: 'unsupported', message, provider })
      }
      const transcript = await ai.audio.transcribe({
        model,
        file,
        language: language || undefined,
        prompt: prompt || undefined,
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      const { text, durationSeconds, segments } = transcript
      return {
        text,
        ...(transcript.language !== undefined && { language: transcript.language }),
        ...(durationSeconds !== undefined && { durationSeconds }),
        ...(segments && {
          segments: segments.map(({ speaker, ...segment }) => ({
            ...segment,
            ...(speaker !== undefined && { speaker }),
          })),
        }),
      }
    }),
})
