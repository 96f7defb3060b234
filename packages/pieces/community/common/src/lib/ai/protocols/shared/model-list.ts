import {
  type AICapability,
  type AIListedModel,
  type AIModel,
  type AIVendorModel,
  capabilitiesOf,
} from '../../contract/model.ts'

/**
 * Guesses what a model can do from its id. Defaults to text.
 *
 * @returns an empty list for a model with other capabilities, e.g. a reranker
 */
export function classifyModel(id: string): readonly AICapability[] {
  return PATTERNS.find(([pattern]) => pattern.test(id))?.[1] ?? ['text']
}

/** First match wins: the purpose of a model comes before its family. */
const PATTERNS: readonly (readonly [RegExp, readonly AICapability[]])[] = [
  [/rerank|realtime|\bocr\b|\bsora\b|\bveo\b|video|computer-use/i, []],
  [/^(davinci|babbage|gpt-3\.5-turbo-instruct)\b/i, []], // completions, not chat
  [/embed|\bbge\b|\be5\b|\bgte\b|minilm/i, ['embedding']],
  [/moderation/i, ['moderation']],
  [/whisper|transcri(be|ption)|\basr\b/i, ['transcription']],
  [/\btts\b|text-to-speech|\bkokoro\b|\borpheus\b|\bcartesia\b/i, ['speech']],
  [/gpt-image|chatgpt-image|dall-e|\bflux\b|stable-diffusion|\bsdxl\b|\bimagen\b|imagine-image/i, ['image']],
  [/^grok-2-image|seedream|ideogram|recraft|^gemini\b.*-image\b|nano-banana/i, ['image']],
]

/**
 * Merges the registry's models with the vendor's list: the registry's first, then those that only the vendor lists.
 *
 * @param known models of the registry
 * @param listed the vendor's list; capabilities of duplicates are merged
 */
export function mergeModels(known: readonly AIModel[], listed: readonly AIVendorModel[]): AIListedModel[] {
  const ids = new Set(known.map(({ value }) => value))
  const others = new Map<string, AIListedModel>()
  for (const { id, label, supported = classifyModel(id) } of listed) {
    if (ids.has(id)) continue
    const twin = others.get(id)
    const all = twin ? [...new Set([...capabilitiesOf(twin), ...supported])] : supported
    others.set(id, { label: twin?.label ?? label ?? id, value: id, supported: all, listed: true })
  }
  const has = (value: string) => listed.some(({ id }) => isSameModel(value, id))
  return [...known.map((model) => ({ ...model, listed: has(model.value) })), ...others.values()]
}

/** Vendors list a model by the id of its snapshot, e.g. `claude-opus-4-5-20251101`. */
function isSameModel(value: string, id: string): boolean {
  return id.startsWith(value) && /^(-\d{8}|-\d{4}-\d\d-\d\d|:latest)?$/.test(id.slice(value.length))
}
