import { AI, AIError, advancedOptionsOf, aiProps, asStep } from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** What Transcribe Audio gives to the steps after it; what the vendor does not tell is left out. */
export const transcriptOutput = z.strictObject({
  text: z.string(),
  language: z.string().optional().describe('As the vendor names it, e.g. en or english.'),
  durationSeconds: z.number().optional(),
  segments: z
    .array(
      z.strictObject({
        text: z.string(),
        start: z.number().describe('Seconds from the beginning.'),
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
  description: 'Writes down what is said in a sound file.',
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
      description: 'As two letters, e.g. `en`. Empty: the vendor hears it.',
      required: false,
    }),
    prompt: Property.LongText({
      displayName: 'Words that Help',
      description: 'Names that occur, or what was said before.',
      required: false,
    }),
  },
  run: ({ propsValue, server }) =>
    asStep(async (): Promise<TranscriptOutput> => {
      const { provider, model, file, language, prompt, advancedOptions } = propsValue
      const ai = AI({ provider, server })
      if (!ai.audio?.transcribe) {
        const message = `The AI provider "${provider}" transcribes nothing.`
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
