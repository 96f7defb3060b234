import type { AICapability, AIVendorModel } from '../../contract/model.ts'
import type { AIModels } from '../../contract/registry.ts'
import { type JsonObject, listAt, objectAt, textAt } from './json.ts'
import { invalidResponse, parseObject } from './reply.ts'
import { table } from './table.ts'

/** Where a vendor lists its models, and how one asks for the next page. */
export type VendorModels = {
  /** Fetches a page; anything but a 2xx throws. */
  readonly get: (query: Record<string, string>, options: { signal?: AbortSignal | undefined }) => Promise<unknown>
  /** The parameter that takes the last id of a page, for the page after it. */
  readonly cursor: string
  /** What is asked for besides, e.g. large pages. */
  readonly query?: Record<string, string>
  /** Where a page has its models; `data` when absent. */
  readonly field?: string
  /** What the cursor of the page after this one is; absent: the last id, where the page says that there are more. */
  readonly nextOf?: (page: JsonObject) => string | undefined
  /** Absent: as OpenAI and those that speak its API describe a model. */
  readonly parse?: (model: JsonObject) => AIVendorModel[]
}

/** No vendor has so many; a list that never ends does. */
const MAX_PAGES = 100

/**
 * The models that a vendor lists: all pages.
 *
 * @see https://platform.openai.com/docs/api-reference/models/list and https://docs.anthropic.com/en/api/models-list
 */
export function vendorModels(vendor: VendorModels): AIModels {
  const { get, cursor, query = {}, field = 'data', nextOf = afterLast, parse = parseModel } = vendor
  return {
    list: async ({ signal }) => {
      const models: AIVendorModel[] = []
      const seen = new Set<string>()
      for (let after: string | undefined; seen.size < MAX_PAGES; ) {
        const reply = await get({ ...query, ...(after !== undefined && { [cursor]: after }) }, { signal })
        const page = pageOf(reply, field, after !== undefined)
        models.push(...listAt(page, field).flatMap(parse))
        after = nextOf(page)
        if (after === undefined || seen.has(after)) break
        seen.add(after)
      }
      return models
    },
  }
}

/** Some give the bare list, some null where there is none, and some nothing once there is no more. */
function pageOf(reply: unknown, field: string, isLater: boolean): JsonObject {
  const page = Array.isArray(reply) ? { [field]: reply } : parseObject(reply)
  if (Array.isArray(page[field]) || page[field] === null || (isLater && page[field] === undefined)) return page
  throw invalidResponse('The reply is no list of models.')
}

function afterLast(page: JsonObject): string | undefined {
  if (page['has_more'] !== true) return undefined
  return textAt(page, 'last_id') ?? textAt(listAt(page, 'data').at(-1) ?? {}, 'id')
}

function parseModel(model: JsonObject): AIVendorModel[] {
  const id = textAt(model, 'id')
  if (id === undefined) return []
  const supported = saidOf(model)
  const label = textAt(model, 'display_name')
  return [{ id, ...(label && { label }), ...(supported.length > 0 && { supported }) }]
}

/** What the vendor itself says, in any of the ways that are known; nothing when it does not. */
function saidOf(model: JsonObject): AICapability[] {
  const abilities = Object.entries(objectAt(model, 'capabilities')).flatMap(([name, is]) => (is === true ? [name] : []))
  const outputs = objectAt(model, 'architecture')['output_modalities']
  const words = [...abilities, ...(Array.isArray(outputs) ? outputs : []), textAt(model, 'type')]
  return [...new Set(words.flatMap((word) => WORDS[String(word)] ?? []))]
}

/** Mistral's capabilities, Together's types, OpenRouter's modalities. */
const WORDS: Record<string, AICapability> = table({
  completion_chat: 'text',
  moderation: 'moderation',
  audio_transcription: 'transcription',
  chat: 'text',
  language: 'text',
  image: 'image',
  embedding: 'embedding',
  transcribe: 'transcription',
  text: 'text',
  embeddings: 'embedding',
  speech: 'speech',
})
