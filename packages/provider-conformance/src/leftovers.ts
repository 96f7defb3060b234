import type { AiProviderMetadata } from '@activepieces/pieces-common'
import { providerSources, type Source } from './source.ts'

/**
 * Finds leftovers of the generator's template in a provider: `TODO`, model ids, host names, a missing link to its docs.
 *
 * @param file the provider's file, see `providerSources`
 * @returns one sentence per problem, which begins with the line to change if that is known
 */
export function leftoversOf(
  entry: AiProviderMetadata,
  registry: readonly AiProviderMetadata[],
  file?: string,
): string[] {
  const sources = providerSources(entry, registry, file)
  const where = sources.file ? `${sources.file.path}: ` : ''
  return [
    ...[sources.file, sources.entry].flatMap((source) => (source ? todos(source) : [])),
    ...modelIds(entry).map((words) => where + words),
    ...hosts(entry).map(
      (words) => `${sources.entry ? `${sources.entry.path}:${sources.entry.firstLine}: ` : ''}${words}`,
    ),
    ...links(sources, registry.includes(entry) || file !== undefined),
  ]
}

function todos({ path, text, firstLine = 1 }: Source): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      /\bTODO\b/.test(line) ? [`${path}:${firstLine + index}: still to do: ${line.trim()}`] : [],
    )
}

function modelIds({ models }: AiProviderMetadata): string[] {
  const ids = models.map(({ value }) => value).filter((id) => /^model-\d+$/.test(id))
  if (ids.length === 0) return []
  return [`models has ${ids.map((id) => `"${id}"`).join(', ')} from the template; list the provider's own model ids`]
}

function hosts({ defaultBaseUrl, instructionsMarkdown }: AiProviderMetadata): string[] {
  return Object.entries({ defaultBaseUrl, instructionsMarkdown }).flatMap(([field, text]) => {
    const url = (text?.match(/https?:\/\/[^\s)>`]+/g) ?? []).find(isTemplateUrl)
    return url ? [`${field} has the template's address ${url}; use the provider's own`] : []
  })
}

/** Matches host names that no provider has: those reserved for examples (RFC 2606), and the one in the docs. */
function isTemplateUrl(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : ''
  return /(^|\.)((example|invalid|test)|example\.(com|net|org)|my-vendor\.\w+)$/.test(host)
}

function links({ file }: { file?: Source }, expected: boolean): string[] {
  if (!file) return expected ? ["the provider's file was not found; set `source` in the options of the suite"] : []
  const urls = [...file.text.matchAll(/@see (https:\/\/\S+)/g)].map(([, url = '']) => url)
  if (urls.some((url) => URL.canParse(url) && !isTemplateUrl(url))) return []
  return [
    `${file.path}: no link to the provider's docs; add "@see https://…" to the doc comments of its models and API`,
  ]
}
