import type { AICapability, AIVendorModel } from '../../contract/model.ts'
import type { AIModels } from '../../contract/registry.ts'
import { type JsonObject, listAt, objectAt, textAt } from './json.ts'
import { invalidResponse, parseObject } from './reply.ts'
import { table } from './table.ts'

/** How a vendor lists its models. */
export type VendorModels = {
  /** Fetches a page. Throws unless the status is 2xx. */
  readonly get: (query: Record<string, string>, options: { signal?: AbortSignal | undefined }) => Promise<unknown>
  /** Query parameter for the cursor of a page. */
  readonly cursor: string
  /** Additional query parameters, e.g. the page size. */
  readonly query?: Record<string, string>
  /** Field with the models of a page. Defaults to `data`. */
  readonly field?: string
  /** Returns the cursor of the next page. Defaults to the last id if the page has `has_more`. */
  readonly nextOf?: (page: JsonObject) => string | undefined
  /** Parses a model. Defaults to OpenAI's format and those of compatible APIs. */
  readonly parse?: (model: JsonObject) => AIVendorModel[]
}

/** Stops a list that never ends. */
const MAX_PAGES = 100

/**
 * Lists all pages of a vendor's models.
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

/** Some vendors return a bare list, null for an empty one, or nothing on the last page. */
function pageOf(reply: unknown, field: string, isLater: boolean): JsonObject {
  const page = Array.isArray(reply) ? { [field]: reply } : parseObject(reply)
  if (Array.isArray(page[field]) || page[field] === null || (isLater && page[field] === undefined)) return page
  throw invalidResponse('The response is not a list of models.')
}

function afterLast(page: JsonObject): string | undefined {
  if (page['has_more'] !== true) return undefined
  return textAt(page, 'last_id') ?? textAt(listAt(page, 'data').at(-1) ?? {}, 'id')
}

function parseModel(model: JsonObject): AIVendorModel[] {
  const id = textAt(model, 'id')
  if (id === undefined) return []
  const supported = reportedOf(model)
  const label = textAt(model, 'display_name')
  return [{ id, ...(label && { label }), ...(supported.length > 0 && { supported }) }]
}

/** Returns the capabilities that the vendor reports, in any known format. */
function reportedOf(model: JsonObject): AICapability[] {
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
