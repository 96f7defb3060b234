/** What of an action's output a person looks for first. Every action has an output of its own: nothing here is certain. */
export type Shown =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'images'; readonly urls: readonly string[] }
  | { readonly type: 'audio'; readonly url: string }
  | { readonly type: 'other' }
  | { readonly type: 'nothing' }

export function shownOf(output: unknown): Shown {
  if (output === undefined || output === null) return { type: 'nothing' }
  if (typeof output === 'string' && !output.startsWith('data:')) return { type: 'text', text: output }
  const text = fieldOf(output, 'text')
  if (typeof text === 'string') return { type: 'text', text }
  const files = urlsIn(output)
  const urls = files.filter((url) => /^(data:image\/|https:\/\/\S+\.(png|jpe?g|webp)\b)/.test(url))
  if (urls.length > 0) return { type: 'images', urls }
  const audio = files.find((url) => url.startsWith('data:audio/'))
  return audio === undefined ? { type: 'other' } : { type: 'audio', url: audio }
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** What an action says that it left out or changed; undefined when it says nothing about it. */
export function warningsOf(output: unknown): readonly string[] | undefined {
  const warnings = fieldOf(output, 'warnings')
  return Array.isArray(warnings) ? warnings.filter((one) => typeof one === 'string') : undefined
}

function urlsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^(data:|https:)/.test(value) ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(urlsIn)
}
