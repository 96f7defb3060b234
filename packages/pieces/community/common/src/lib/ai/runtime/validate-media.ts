import type {
  AIEmbeddingCreateParams,
  AIImageEditParams,
  AIImageGenerateParams,
  AIModerationCreateParams,
  AISpeechParams,
  AITranscribeParams,
} from '../contract/media.ts'
import {
  check,
  isFilled,
  isNumber,
  isRecord,
  isWhole,
  OPTION_FIELDS,
  type Rule,
  validateFields,
  validatePart,
  validateTimeout,
} from './validate-fields.ts'

/** Validates the parameters of `image.generate`. @throws AIError `invalid-request` that names the field and what is allowed */
export function validateImageParams(params: AIImageGenerateParams): void {
  validateFields(params, IMAGE_FIELDS)
  validateTimeout(params.timeout, ['total'])
}

/** Validates the parameters of `image.edit`. @throws AIError `invalid-request`, like `validateImageParams` */
export function validateImageEditParams(params: AIImageEditParams): void {
  validateFields(params, IMAGE_EDIT_FIELDS)
  validateTimeout(params.timeout, ['total'])
  for (const [index, image] of params.images.entries()) check(isRecord(image), `images[${index}]`, image, FILE)
}

/** Validates the parameters of `audio.speech`. @throws AIError `invalid-request`, like `validateImageParams` */
export function validateSpeechParams(params: AISpeechParams): void {
  validateFields(params, SPEECH_FIELDS)
  validateTimeout(params.timeout, ['firstToken', 'idle', 'total'])
}

/** Validates the parameters of `audio.transcribe`. @throws AIError `invalid-request`, like `validateImageParams` */
export function validateTranscribeParams(params: AITranscribeParams): void {
  validateFields(params, TRANSCRIBE_FIELDS)
  validateTimeout(params.timeout, ['total'])
}

/** Validates the parameters of `embedding.create`. @throws AIError `invalid-request`, like `validateImageParams` */
export function validateEmbeddingParams(params: AIEmbeddingCreateParams): void {
  validateFields(params, EMBEDDING_FIELDS)
  validateTimeout(params.timeout, ['total'])
  if (typeof params.input === 'string') return
  for (const [index, text] of params.input.entries()) check(isText(text), `input[${index}]`, text, FILLED)
}

/** Validates the parameters of `moderation.create`. @throws AIError `invalid-request`, like `validateImageParams` */
export function validateModerationParams(params: AIModerationCreateParams): void {
  validateFields(params, MODERATION_FIELDS)
  validateTimeout(params.timeout, ['total'])
  if (typeof params.input === 'string') return
  for (const [index, part] of params.input.entries()) validatePart(part, `input[${index}]`, ['text', 'image'])
}

const FILE = '{ base64, mediaType } or a file of the framework'
const FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']
const FILLED = 'a non-empty text'
const MODEL: Rule = { allowed: 'the id of a model', fits: isFilled, required: true }

const IMAGE_FIELDS: Record<keyof AIImageGenerateParams, Rule> = {
  model: MODEL,
  prompt: { allowed: FILLED, fits: isFilled, required: true },
  n: { allowed: 'an integer from 1 to 10', fits: (value) => isWhole(value, 1) && value <= 10 },
  size: { allowed: 'a width and a height, e.g. 1024x1024', fits: isFilled },
  ...OPTION_FIELDS,
}

const IMAGE_EDIT_FIELDS: Record<keyof AIImageEditParams, Rule> = {
  ...IMAGE_FIELDS,
  images: {
    allowed: 'a list of 1 to 16 images',
    fits: (value) => Array.isArray(value) && value.length > 0 && value.length <= 16,
    required: true,
  },
  mask: { allowed: FILE, fits: isRecord },
}

const SPEECH_FIELDS: Record<keyof AISpeechParams, Rule> = {
  model: MODEL,
  input: { allowed: FILLED, fits: isFilled, required: true },
  voice: { allowed: "the name of one of the vendor's voices", fits: isFilled, required: true },
  format: { allowed: FORMATS.join(', '), fits: (value) => FORMATS.some((format) => format === value) },
  speed: { allowed: 'a number from 0.25 to 4', fits: (value) => isNumber(value) && value >= 0.25 && value <= 4 },
  ...OPTION_FIELDS,
  timeout: { allowed: '{ firstToken, idle, total } in milliseconds', fits: isRecord },
}

const TRANSCRIBE_FIELDS: Record<keyof AITranscribeParams, Rule> = {
  model: MODEL,
  file: { allowed: FILE, fits: isRecord, required: true },
  language: { allowed: 'a language as ISO 639-1, e.g. en', fits: (value) => /^[a-z]{2,3}$/.test(String(value)) },
  prompt: { allowed: FILLED, fits: isFilled },
  ...OPTION_FIELDS,
}

const EMBEDDING_FIELDS: Record<keyof AIEmbeddingCreateParams, Rule> = {
  model: MODEL,
  input: { allowed: 'a non-empty text, or a list of them', fits: isTextOrList, required: true },
  dimensions: { allowed: 'an integer of at least 1', fits: (value) => isWhole(value, 1) },
  ...OPTION_FIELDS,
}

const MODERATION_FIELDS: Record<keyof AIModerationCreateParams, Rule> = {
  model: MODEL,
  input: { allowed: 'a non-empty text, or a list of parts', fits: isTextOrList, required: true },
  ...OPTION_FIELDS,
}

/** Vendors accept text of only spaces. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** List items are validated one by one, so that the error names the item. */
function isTextOrList(value: unknown): boolean {
  return isText(value) || (Array.isArray(value) && value.length > 0)
}
