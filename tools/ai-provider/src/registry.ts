import type { Names } from './templates.ts'

/** The value or label of a registry entry, with its line in the source. */
export type EntryField = { field: 'value' | 'label'; text: string; line: number }

/** Finds the values and labels in the registry's source. Lines start at 1. */
export function entriesOf(source: string): EntryField[] {
  return source.split('\n').flatMap((row, index): EntryField[] => {
    const [, field, text] = /^ {4}(value|label): ['"](.*)['"](?: as const)?,$/.exec(row) ?? []
    if ((field !== 'value' && field !== 'label') || text === undefined) return []
    return [{ field, text, line: index + 1 }]
  })
}

/** Returns names for the new provider's factory and models that the registry's source does not use yet. */
export function namesFor(value: string, source: string): Names {
  const base = value.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const taken = new Set([...(source.match(/[A-Za-z_$][\w$]*/g) ?? []), ...RESERVED_WORDS, ...USED_NAMES])
  const free = [base, `${base}Provider`, `${base}AiProvider`].find(
    (name) => ![name, `${name}Models`, `${name}Instructions`].some((other) => taken.has(other)),
  )
  if (free === undefined) throw new Error(`name is "${value}", but its names in code are taken. Choose another name.`)
  return { factory: free, models: `${free}Models`, instructions: `${free}Instructions` }
}

/**
 * Adds an entry to the registry's source in sorted order, and the import of its file.
 *
 * @throws Error if the source is not formatted by Biome
 */
export function withEntry(source: string, value: string, names: Names, entry: string): string {
  const rows = source.split('\n')
  const next = entriesOf(source).find(({ field, text }) => field === 'value' && text > value)
  const at = next
    ? rows.lastIndexOf('  {', next.line - 1)
    : rows.findIndex((row) => /^\] as const satisfies\b/.test(row))
  const start = rows.findIndex((row) => /^export const AiProviders = \[$/.test(row))
  if (start < 0 || at <= start)
    throw new Error(`${REGISTRY} is not formatted as expected. Run \`npm run format\` and try again.`)
  rows.splice(at, 0, ...entry.replace(/\n$/, '').split('\n'))
  return `import { ${names.factory}, ${names.instructions}, ${names.models} } from './${value}.ts'\n${rows.join('\n')}`
}

const COMMON = 'packages/pieces/community/common'
export const PROVIDERS = `${COMMON}/src/lib/ai/providers`
/** Logos that our server serves as `/logos/<value>.svg`. */
export const LOGOS = `${COMMON}/logos`
export const REGISTRY = `${PROVIDERS}/index.ts`

/** Names that the generated files use. */
const USED_NAMES = ['models', 'openaiCompatible', 'fetch', 'request', 'response', 'body']

/** JavaScript words that cannot be variable names. */
const RESERVED_WORDS =
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield arguments eval'.split(
    ' ',
  )
