import type { Names } from './templates.ts'

/** An entry of the registry as its source shows it. */
export type KnownEntry = { field: 'value' | 'label'; text: string; line: number }

/** The values and labels of the registry's source, with their lines, from 1. */
export function entriesOf(source: string): KnownEntry[] {
  return source.split('\n').flatMap((row, index): KnownEntry[] => {
    const [, field, text] = /^ {4}(value|label): ['"](.*)['"](?: as const)?,$/.exec(row) ?? []
    if ((field !== 'value' && field !== 'label') || text === undefined) return []
    return [{ field, text, line: index + 1 }]
  })
}

/** Names for the new provider's factory and models that nothing in the registry's source has yet. */
export function namesFor(value: string, source: string): Names {
  const base = value.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const taken = new Set([...(source.match(/[A-Za-z_$][\w$]*/g) ?? []), ...OF_THE_LANGUAGE, ...OF_THE_FILE])
  const free = [base, `${base}Provider`, `${base}AiProvider`].find(
    (name) => ![name, `${name}Models`, `${name}Instructions`].some((other) => taken.has(other)),
  )
  if (free === undefined) throw new Error(`name is "${value}"; its names in code are taken. Choose another one.`)
  return { factory: free, models: `${free}Models`, instructions: `${free}Instructions` }
}

/**
 * The registry's source with one more entry, at its sorted place, and the import of its file.
 *
 * @throws Error when the source is not laid out as Biome lays it out
 */
export function withEntry(source: string, value: string, names: Names, entry: string): string {
  const rows = source.split('\n')
  const next = entriesOf(source).find(({ field, text }) => field === 'value' && text > value)
  const at = next
    ? rows.lastIndexOf('  {', next.line - 1)
    : rows.findIndex((row) => /^\] as const satisfies\b/.test(row))
  const start = rows.findIndex((row) => /^export const AiProviders = \[$/.test(row))
  if (start < 0 || at <= start) throw new Error(`${REGISTRY} is not as expected: run \`npm run format\`, then again.`)
  rows.splice(at, 0, ...entry.replace(/\n$/, '').split('\n'))
  return `import { ${names.factory}, ${names.instructions}, ${names.models} } from './${value}.ts'\n${rows.join('\n')}`
}

const COMMON = 'packages/pieces/community/common'
export const PROVIDERS = `${COMMON}/src/lib/ai/providers`
/** Logos that our server serves, at `/logos/<value>.svg`. */
export const LOGOS = `${COMMON}/logos`
export const REGISTRY = `${PROVIDERS}/index.ts`

/** What the generated files name themselves. */
const OF_THE_FILE = ['models', 'openaiCompatible', 'fetch', 'request', 'response', 'reply']

/** Words that a short vendor's name could be, and that no variable may be. */
const OF_THE_LANGUAGE =
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield arguments eval'.split(
    ' ',
  )
