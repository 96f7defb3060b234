import { AI, AIError, advancedOptionsOf, aiProps, asStep, checkText } from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** What Text to Speech gives to the steps after it. */
export const speechOutput = z.strictObject({
  url: z.string().describe('Where the file is kept.'),
  filename: z.string(),
  mediaType: z.string().describe('E.g. audio/mpeg.'),
  bytes: z.int().positive(),
})
export type SpeechOutput = z.infer<typeof speechOutput>

const FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const

export const textToSpeech = createAction({
  name: 'text_to_speech',
  displayName: 'Text to Speech',
  description: 'Reads a text aloud and gives the sound as a file.',
  requireAuth: false,
  props: {
    ...aiProps('speech'),
    text: Property.LongText({ displayName: 'Text', required: true }),
    voice: Property.ShortText({
      displayName: 'Voice',
      description: "The vendor's name of a voice, e.g. `alloy` by OpenAI.",
      required: true,
    }),
    format: Property.StaticDropdown<(typeof FORMATS)[number]>({
      displayName: 'Format',
      description: 'Empty: what the vendor gives, MP3 by most.',
      required: false,
      options: { options: FORMATS.map((format) => ({ label: format, value: format })) },
    }),
    speed: Property.Number({
      displayName: 'Speed',
      description: 'From 0.25 to 4, and 1 is usual. Empty: the default of the voice.',
      required: false,
    }),
  },
  run: ({ propsValue, server, files }) =>
    asStep(async (): Promise<SpeechOutput> => {
      const { provider, model, text, voice, format, speed, advancedOptions } = propsValue
      checkText(text, 'Text')
      checkText(voice, 'Voice')
      const ai = AI({ provider, server })
      if (!ai.audio?.speech) {
        const message = `The AI provider "${provider}" has no voices.`
        throw new AIError({ code: 'unsupported', message, provider })
      }
      const { mediaType, audio } = await ai.audio.speech({
        model,
        input: text,
        voice,
        format: format || undefined,
        speed: isEmpty(speed) ? undefined : Number(speed),
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      const pieces: Uint8Array[] = []
      for await (const piece of audio) pieces.push(piece)
      const data = Buffer.concat(pieces)
      const filename = `speech.${ENDINGS[mediaType] ?? (format || 'bin')}`
      return { url: await files.write({ fileName: filename, data }), filename, mediaType, bytes: data.length }
    }),
})

/** A field that was left empty may come as null or as an empty text. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

const ENDINGS: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/ogg': 'opus',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/wav': 'wav',
  'audio/pcm': 'pcm',
}
