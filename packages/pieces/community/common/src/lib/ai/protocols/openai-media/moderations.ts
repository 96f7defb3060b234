import type { ModerationCreateParams, ModerationMultiModalInput } from 'openai/resources/moderations'
import type { AIModerationPart, AIModerationRequest, AIModerationResponse } from '../../contract/media.ts'
import type { AIModeration } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { resolveFile } from '../shared/files.ts'
import { type JsonObject, listAt, objectAt, textAt } from '../shared/json.ts'
import { invalidResponse, parseObject, usageOf } from '../shared/reply.ts'

/** How a vendor's moderation differs from OpenAI's. */
export type ModerationsQuirks = {
  /** Takes a list of texts and no images. */
  readonly textsOnly?: true
}

/** Sends the body through the vendor's SDK and returns the response. Throws unless the status is 2xx. */
export type CreateModeration = (
  body: ModerationCreateParams,
  options: { signal?: AbortSignal | undefined },
) => Promise<unknown>

/**
 * Moderation over OpenAI's API.
 *
 * @see https://platform.openai.com/docs/api-reference/moderations/create
 */
export function openaiModerations(create: CreateModeration, { textsOnly }: ModerationsQuirks): AIModeration {
  return {
    create: async (request) => {
      const input = textsOnly ? textsOf(request) : request.input.map(renderPart)
      const body = { model: request.model, input, ...request.advancedOptions }
      return parse(parseObject(await create(body, { signal: request.signal })))
    },
  }
}

function textsOf({ model, input }: AIModerationRequest): string[] {
  return input.map((part, index) => {
    if (part.type === 'text') return part.text
    const message = `input[${index}] is an image; ${model} moderates texts only.`
    throw new AIError({ code: 'unsupported', message, parameter: `input[${index}]` })
  })
}

function renderPart(part: AIModerationPart, index: number): ModerationMultiModalInput {
  if (part.type === 'text') return { type: 'text', text: part.text }
  const file = resolveFile(part.image, 'image', `input[${index}].image`)
  const url = file.url ?? `data:${file.mediaType};base64,${file.base64}`
  return { type: 'image_url', image_url: { url } }
}

/** Some vendors return one result per text: merged by any flag and the highest score. */
function parse(reply: JsonObject): AIModerationResponse {
  const results = listAt(reply, 'results')
  if (results.length === 0) throw invalidResponse('The response has no result.')
  const categories: Record<string, boolean> = {}
  const scores: Record<string, number> = {}
  for (const result of results) {
    for (const [name, is] of Object.entries(objectAt(result, 'categories'))) {
      if (typeof is === 'boolean') categories[name] = categories[name] === true || is
    }
    for (const [name, score] of Object.entries(objectAt(result, 'category_scores'))) {
      if (typeof score === 'number') scores[name] = Math.max(scores[name] ?? 0, score)
    }
  }
  const said = results.some((result) => result['flagged'] === true)
  if (!said && Object.keys(categories).length === 0) throw invalidResponse('The response has no category.')
  return {
    flagged: said || Object.values(categories).includes(true),
    categories,
    scores,
    model: textAt(reply, 'model'),
    usage: usageOf(reply),
  }
}
