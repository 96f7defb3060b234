import type { Exchange } from './exchanges.ts'
import { eventsOf, isStream } from './expected.ts'

/** Finds the source URLs in a recorded response, independently of the library. */
export function sourcesIn(exchange: Exchange): Set<string> {
  const values: unknown[] = isStream(exchange) ? eventsOf(exchange.responseBody) : [JSON.parse(exchange.responseBody)]
  const urls = new Set<string>()
  for (const value of values) {
    for (const field of ['search_results', 'citations']) {
      for (const named of listIn(value, field)) add(urls, typeof named === 'string' ? named : fieldOf(named, 'url'))
    }
    visit(value, urls)
  }
  if (urls.size === 0) for (const value of values) visit(value, urls, FOUND)
  return urls
}

/** Anthropic's search results, which count as sources only if the text cites none of them. */
const FOUND = 'web_search_result'

function visit(value: unknown, urls: Set<string>, cited = 'web_search_result_location'): void {
  if (typeof value !== 'object' || value === null) return
  const type = fieldOf(value, 'type')
  if (type === 'url_citation') add(urls, fieldOf(fieldOf(value, 'url_citation') ?? value, 'url'))
  if (type === cited) add(urls, fieldOf(value, 'url'))
  for (const chunk of listIn(value, 'groundingChunks')) add(urls, fieldOf(fieldOf(chunk, 'web'), 'uri'))
  for (const inner of Object.values(value)) visit(inner, urls, cited)
}

function add(urls: Set<string>, url: unknown): void {
  if (typeof url === 'string' && url !== '') urls.add(url)
}

function listIn(value: unknown, field: string): unknown[] {
  const found = fieldOf(value, field)
  return Array.isArray(found) ? found : []
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
