import type { AISource } from '../../contract/chat.ts'
import { type JsonObject, listAt, objectAt, textAt } from './json.ts'

/** The pages of a reply in the making: each address once, in the order in which they came. */
export type Sources = Map<string, AISource>

/** Adds a page. What has no address is no page; a title that comes later counts when there was none. */
export function addSource(sources: Sources, url: string | undefined, title: string | undefined) {
  if (url === undefined) return
  // xAI's titles are the numbers of its marks in the text.
  const named = title !== undefined && !/^\d+$/.test(title) ? title : sources.get(url)?.title
  sources.set(url, { url, ...(named !== undefined && { title: named }) })
}

/** OpenAI's annotations: chat completions have the citation in a field of its own, Responses have it bare. */
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

/** Perplexity's lists beside the choices: what was found, and in older replies its addresses alone. */
export function addSearchResults(sources: Sources, reply: JsonObject) {
  const results = listAt(reply, 'search_results')
  for (const result of results) addSource(sources, textAt(result, 'url'), textAt(result, 'title'))
  const addresses: unknown = reply['citations']
  if (results.length > 0 || !Array.isArray(addresses)) return
  for (const address of addresses) addSource(sources, typeof address === 'string' ? address : undefined, undefined)
}

/** The field of a reply; none where no page was named. */
export function sourcesField(...lists: readonly Sources[]): { sources?: AISource[] } {
  const named = lists.find((sources) => sources.size > 0)
  return named ? { sources: [...named.values()] } : {}
}
