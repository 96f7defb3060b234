import type { AISource } from '../../contract/chat.ts'
import { type JsonObject, listAt, objectAt, textAt } from './json.ts'

/** Cited pages by URL, in order. */
export type Sources = Map<string, AISource>

/** Adds a page, if it has a URL. A later title fills in a missing one. */
export function addSource(sources: Sources, url: string | undefined, title: string | undefined) {
  if (url === undefined) return
  // xAI's titles are only citation numbers.
  const named = title !== undefined && !/^\d+$/.test(title) ? title : sources.get(url)?.title
  sources.set(url, { url, ...(named !== undefined && { title: named }) })
}

/** Adds OpenAI's annotations: nested in chat completions, flat in Responses. */
export function addAnnotations(sources: Sources, annotations: readonly JsonObject[]) {
  for (const annotation of annotations) {
    if (annotation['type'] !== 'url_citation') continue
    const nested = objectAt(annotation, 'url_citation')
    addSource(
      sources,
      textAt(nested, 'url') ?? textAt(annotation, 'url'),
      textAt(nested, 'title') ?? textAt(annotation, 'title'),
    )
  }
}

/** Adds Perplexity's search results; older responses only have URLs. */
export function addSearchResults(sources: Sources, reply: JsonObject) {
  const results = listAt(reply, 'search_results')
  for (const result of results) addSource(sources, textAt(result, 'url'), textAt(result, 'title'))
  const urls: unknown = reply['citations']
  if (results.length > 0 || !Array.isArray(urls)) return
  for (const url of urls) addSource(sources, typeof url === 'string' ? url : undefined, undefined)
}

/** Returns the `sources` field, if there are any. */
export function sourcesField(...lists: readonly Sources[]): { sources?: AISource[] } {
  const named = lists.find((sources) => sources.size > 0)
  return named ? { sources: [...named.values()] } : {}
}
