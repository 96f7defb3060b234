import type { SpeechCreateParams } from 'openai/resources/audio/speech'
import type { TranscriptionCreateParamsNonStreaming } from 'openai/resources/audio/transcriptions'
import type { AISpeechFormat, AITranscript, AITranscriptSegment } from '../../contract/media.ts'
import type { AIAudio } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { resolveUpload } from '../shared/files.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../shared/json.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { parseJson } from '../shared/parse-json.ts'
import { invalidResponse, parseObject, usageOf } from '../shared/reply.ts'

type Options = { signal?: AbortSignal | undefined }
/** Sends the body through the vendor's SDK and returns the raw response. Throws unless the status is 2xx. */
export type CreateSpeech = (body: SpeechCreateParams, options: Options) => Promise<Response>

/** How a vendor's speech differs from OpenAI's. */
export type SpeechQuirks = {
  /** Default format, if the vendor does not support OpenAI's default `mp3`. */
  readonly format?: AISpeechFormat
}

/** Sends the form through the vendor's SDK and returns the response. Throws unless the status is 2xx. */
export type CreateTranscription = (body: TranscriptionCreateParamsNonStreaming, options: Options) => Promise<unknown>

/**
 * Speech over OpenAI's API.
 *
 * @see https://platform.openai.com/docs/api-reference/audio/createSpeech
 */
export function openaiSpeech(create: CreateSpeech, { format: usual }: SpeechQuirks): NonNullable<AIAudio['speech']> {
  return async ({ model, input, voice, format = usual, speed, advancedOptions, signal }) => {
    const body = {
      model,
      input,
      voice,
      ...(format !== undefined && { response_format: format }),
      ...(speed !== undefined && { speed }),
      ...advancedOptions,
    }
    const response = await create(body, { signal })
    const said = response.headers.get('content-type')?.split(';', 1)[0]?.trim()
    if (said === 'application/json' || said?.startsWith('text/')) {
      const text = await response.text()
      if (parseJson(text) !== undefined) parseObject(text) // throws the vendor's error
      throw invalidResponse(`Expected audio but received ${said}: ${text.trim().slice(0, 200)}`)
    }
    if (!response.body) throw invalidResponse('The response has no body.')
    const mediaType = said?.startsWith('audio/') ? said : MEDIA_TYPES[format ?? 'mp3']
    return { mediaType, audio: response.body }
  }
}

const MEDIA_TYPES: Record<AISpeechFormat, string> = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
}

/**
 * Transcription over OpenAI's API.
 *
 * @see https://platform.openai.com/docs/api-reference/audio/createTranscription
 */
export function openaiTranscriptions(
  create: CreateTranscription,
  models: readonly OpenaiModel[],
): NonNullable<AIAudio['transcribe']> {
  return async ({ model, file, language, prompt, advancedOptions, signal }) => {
    if (advancedOptions?.['stream']) {
      const message = 'advancedOptions.stream: transcripts are not streamed.'
      throw new AIError({ code: 'unsupported', message, parameter: 'advancedOptions.stream' })
    }
    const form = models.find(({ value }) => value === model)?.transcript
    const body = {
      model,
      file: resolveUpload(file, 'audio', 'file'),
      ...(language !== undefined && { language }),
      ...(prompt !== undefined && { prompt }),
      ...(form && { response_format: form }),
      ...(form === 'diarized_json' && { chunking_strategy: 'auto' as const }), // required for more than 30 s
      ...advancedOptions,
    }
    return parse(await create(body, { signal }))
  }
}

/** Parses a transcript. Formats that `advancedOptions` asked for, such as subtitles, are plain text. */
function parse(answer: unknown): AITranscript {
  if (typeof answer === 'string' && !answer.trimStart().startsWith('{')) return { text: answer }
  const reply = parseObject(answer)
  if (typeof reply['text'] !== 'string') throw invalidResponse('The response has no text.')
  const usage = objectAt(reply, 'usage')
  const segments = listAt(reply, 'segments').map(parseSegment)
  return {
    text: reply['text'],
    language: textAt(reply, 'language') ?? listAt(reply, 'languages').map((one) => textAt(one, 'code'))[0],
    durationSeconds:
      numberAt(reply, 'duration') ?? numberAt(usage, 'seconds') ?? numberAt(usage, 'prompt_audio_seconds'),
    segments: segments.length > 0 ? segments : undefined,
    usage: isObject(reply['usage']) && usage['type'] !== 'duration' ? usageOf(reply) : undefined,
  }
}

function parseSegment(segment: JsonObject): AITranscriptSegment {
  const { text } = segment
  return {
    text: typeof text === 'string' ? text : '',
    start: numberAt(segment, 'start') ?? 0,
    end: numberAt(segment, 'end') ?? 0,
    ...(textAt(segment, 'speaker') !== undefined && { speaker: textAt(segment, 'speaker') }),
  }
}
