import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file, or a part of it. */
export type Source = {
  /** Relative to the working directory, for messages. */
  readonly path: string
  readonly text: string
  /** Number of the first line of the text; 1 when absent. */
  readonly firstLine?: number
}

const REGISTRY = fileURLToPath(
  new URL('./lib/ai/providers/index.ts', import.meta.resolve('@activepieces/pieces-common')),
)

/** Returns the source of the library's registry. */
export function registrySource(): Source {
  return sourceOf(REGISTRY)
}

/**
 * Finds the source of a provider: its entry in the registry, and its file.
 *
 * The file is the one that the registry imports the entry's `factory` from. For an entry that is not in the registry, or
 * whose factory is not imported there, `file` names it.
 *
 * @param registry the library's registry
 * @param file a path or a file URL; replaces the registry's import
 */
export function providerSources(
  entry: unknown,
  registry: readonly unknown[],
  file?: string,
): { readonly entry?: Source; readonly file?: Source } {
  const source = registry.includes(entry) ? registrySource() : undefined
  const location = source && locate(entry, registry, source)
  const imported = location?.imported('factory')
  const path = file ?? (imported && join(dirname(REGISTRY), imported))
  const found = path && (path.startsWith('file:') ? fileURLToPath(path) : path)
  return {
    ...(location?.entry && { entry: location.entry }),
    ...(found && existsSync(found) && { file: sourceOf(found) }),
  }
}

function sourceOf(file: string): Source {
  return { path: relative(process.cwd(), file), text: readFileSync(file, 'utf8') }
}

type SourceLocation = {
  /** `path:line: ` of a field, or of the entry if it lacks the field. */
  readonly at: (field: string) => string
  /** The module that the field's value is imported from, e.g. `./groq.ts`. */
  readonly imported: (field: string) => string | undefined
  /** The entry's own lines; undefined if they were not found. */
  readonly entry?: Source
}

/** Reads the registry in Biome's format: an entry is everything between `  {` and `  },`. */
export function locate(entry: unknown, registry: readonly unknown[], { path, text }: Source): SourceLocation {
  const rows = text.split('\n')
  const first = rows.findIndex((row) => /\bAiProviders = \[$/.test(row))
  const starts = rows.flatMap((row, index) => (first >= 0 && index > first && row === '  {' ? [index] : []))
  const valueRow = (start: number) => fieldRow(rows, start, 'value')
  const value = `value: '${String(fieldOf(entry, 'value'))}'`
  const start =
    starts.length === registry.length
      ? starts[registry.indexOf(entry)]
      : starts.find((at) => rows[valueRow(at) ?? at]?.includes(value))
  if (start === undefined) return { at: () => `${path}: `, imported: () => undefined }
  const end = rows.indexOf('  },', start)
  return {
    at: (field) => `${path}:${(fieldRow(rows, start, field) ?? valueRow(start) ?? start) + 1}: `,
    entry: { path, text: rows.slice(start, end < 0 ? undefined : end + 1).join('\n'), firstLine: start + 1 },
    imported: (field) => {
      const imported = /^ {4}\w+: (\w+),$/.exec(rows[fieldRow(rows, start, field) ?? -1] ?? '')?.[1]
      const imports = [...text.matchAll(/^import \{([^}]*)\} from '(.+)'/gm)]
      return imports.find(([, names]) => imported && names?.match(/\w+/g)?.includes(imported))?.[2]
    },
  }
}

/** The row of a field of the entry that begins at a row. */
function fieldRow(rows: readonly string[], start: number, field: string): number | undefined {
  const end = rows.indexOf('  },', start)
  const found = rows.findIndex((row, index) => index > start && row.startsWith(`    ${field}:`))
  return found >= 0 && (end < 0 || found < end) ? found : undefined
}

export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
}

export function linesOf(text: string, search: string): number[] {
  return text.split('\n').flatMap((line, index) => (line.includes(search) ? [index + 1] : []))
}
