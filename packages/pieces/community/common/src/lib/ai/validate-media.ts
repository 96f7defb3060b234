import type { AIEmbeddingCreateParams, AIImageGenerateParams, AIModerationCreateParams } from './contract-media.ts'
import {
  check,
  isFilled,
  isWhole,
  OPTION_FIELDS,
  type Rule,
  validateFields,
  validatePart,
  validateTimeout,
} from './validate-fields.ts'

/** Checks the parameters of `image.generate`. @throws AIError `invalid-request`: the field, what came, what is allowed */
export function validateImageParams(params: AIImageGenerateParams): void {
  validateFields(params, IMAGE_FIELDS)
  validateTimeout(params.timeout, ['total'])
}

/** Checks the parameters of `embedding.create`. @throws AIError `invalid-request`, like `validateImageParams` */
export function validateEmbeddingParams(params: AIEmbeddingCreateParams): void {
  validateFields(params, EMBEDDING_FIELDS)
  validateTimeout(params.timeout, ['total'])
  if (typeof params.input === 'string') return
  for (const [index, text] of params.input.entries()) check(isFilled(text), `input[${index}]`, text, FILLED)
}

/** Checks the parameters of `moderation.create`. @throws AIError `invalid-request`, like `validateImageParams` */
export function validateModerationParams(params: AIModerationCreateParams): void {
  validateFields(params, MODERATION_FIELDS)
  validateTimeout(params.timeout, ['total'])
  if (typeof params.input === 'string') return
  for (const [index, part] of params.input.entries()) validatePart(part, `input[${index}]`, ['text', 'image'])
}

const FILLED = 'a text that is not empty'
const MODEL: Rule = { allowed: 'the id of a model', fits: isFilled, required: true }

const IMAGE_FIELDS: Record<keyof AIImageGenerateParams, Rule> = {
  model: MODEL,
  prompt: { allowed: FILLED, fits: isFilled, required: true },
  n: { allowed: 'a whole number from 1 to 10', fits: (value) => isWhole(value, 1) && value <= 10 },
  size: { allowed: 'a width and a height, e.g. 1024x1024', fits: isFilled },
  ...OPTION_FIELDS,
}

const EMBEDDING_FIELDS: Record<keyof AIEmbeddingCreateParams, Rule> = {
  model: MODEL,
  input: { allowed: 'a text that is not empty, or a list of them', fits: isTextOrList, required: true },
  dimensions: { allowed: 'a whole number from 1', fits: (value) => isWhole(value, 1) },
  ...OPTION_FIELDS,
}

const MODERATION_FIELDS: Record<keyof AIModerationCreateParams, Rule> = {
  model: MODEL,
  input: { allowed: 'a text that is not empty, or a list of parts', fits: isTextOrList, required: true },
  ...OPTION_FIELDS,
}

/** The items of a list are looked at one by one, so that the error names the place. */
function isTextOrList(value: unknown): boolean {
  return isFilled(value) || (Array.isArray(value) && value.length > 0)
}
