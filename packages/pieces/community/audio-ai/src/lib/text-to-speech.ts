import { AI, AIError, advancedOptionsOf, aiProps, asStep, checkText } from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** Output of Text to Speech. */
export const speechOutput = z.strictObject({
  url: z.string().describe('Where the file is stored.'),
  filename: z.string(),
  mediaType: z.string().describe('E.g. audio/mpeg.'),
  bytes: z.int().positive(),
})
export type SpeechOutput = z.infer<typeof speechOutput>

const FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const

export const textToSpeech = createAction({
  name: 'text_to_speech',
  displayName: 'Text to Speech',
  description: 'Converts text to an audio file.',
  requireAuth: false,
  props: {
    ...aiProps('speech'),
    text: Property.LongText({ displayName: 'Text', required: true }),
    voice: Property.ShortText({
      displayName: 'Voice',
      description: "The provider's name for the voice, such as `alloy` for OpenAI.",
      required: true,
    }),
    format: Property.StaticDropdown<(typeof FORMATS)[number]>({
      displayName: 'Format',
      description: "Leave blank for the provider's default, usually MP3.",
      required: false,
      options: { options: FORMATS.map((format) => ({ label: format, value: format })) },
    }),
    speed: Property.Number({
      displayName: 'Speed',
      description: "From 0.25 to 4, where 1 is normal speed. Leave blank for the voice's default.",
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
        const message = `The AI provider "${provider}" does not support text to speech.`
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
      const chunks: Uint8Array[] = []
      for await (const chunk of audio) chunks.push(chunk)
      const data = Buffer.concat(chunks)
      const filename = `speech.${FILE_EXTENSIONS[mediaType] ?? (format || 'bin')}`
      return { url: await files.write({ fileName: filename, data }), filename, mediaType, bytes: data.length }
    }),
})

/** A blank field may arrive as null or as an empty string. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

const FILE_EXTENSIONS: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/ogg': 'opus',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/wav': 'wav',
  'audio/pcm': 'pcm',
}
