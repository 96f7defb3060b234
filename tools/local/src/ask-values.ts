import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Piece } from '@activepieces/contract'

export type ActionInfo = Piece['actions'][number]
/** A property as the pieces framework describes it. */
type Property = ActionInfo['props'][string]

/** Returns the option name of a property: `systemPrompt` becomes `system-prompt`. */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Returns the `parseArgs` option of a property. */
export function optionOf({ type }: Property): { type: 'string' | 'boolean'; multiple?: true } {
  if (type === 'CHECKBOX') return { type: 'boolean' }
  return type === 'ARRAY' ? { type: 'string', multiple: true } : { type: 'string' }
}

/** Whether a property accepts a file or a list of files. */
export function takesFiles(property: Property): boolean {
  return property['type'] === 'FILE' || rowsOf(property)[0]?.[1] === 'FILE'
}

/**
 * Reads the value of a property from the command line. `@path` reads it from a file.
 *
 * @throws Error naming the option
 */
export async function readValue(
  name: string,
  property: Property,
  given: string | boolean | string[],
): Promise<unknown> {
  if (typeof given === 'boolean') return given
  if (Array.isArray(given)) return (await Promise.all(given.map((entry) => readList(name, property, entry)))).flat()
  switch (property['type']) {
    case 'NUMBER':
      return readNumber(name, given)
    case 'FILE':
      return await readFileValue(name, given)
    case 'JSON':
    case 'OBJECT':
    case 'DYNAMIC':
    case 'MULTI_SELECT_DROPDOWN':
    case 'STATIC_MULTI_SELECT_DROPDOWN':
      return parseJson(name, await readText(name, given))
    default:
      return await readText(name, given)
  }
}

/** Reads list items as CSV or JSON. For items with several columns, CSV values fill the first column. */
async function readList(name: string, property: Property, given: string): Promise<unknown[]> {
  const [column] = rowsOf(property)
  if (column?.[1] === 'FILE') return [{ [column[0]]: await readFileValue(name, given) }]
  const text = await readText(name, given)
  if (/^\s*[[{]/.test(text)) return [parseJson(name, text)].flat()
  const entries = splitCsv(text)
  return column ? entries.map((entry) => ({ ...firstChoices(property), [column[0]]: entry })) : entries
}

/** Defaults for required dropdown columns, which CSV values cannot set: the first option. */
function firstChoices({ properties }: Property): Record<string, unknown> {
  const columns = Object.entries(Object(properties)).map(([name, value]) => [name, Object(value)] as const)
  return Object.fromEntries(
    columns
      .filter(([, { type, required }]) => type === 'STATIC_DROPDOWN' && required === true)
      .map(([name, { options }]) => [name, Object(options).options?.[0]?.value]),
  )
}

/** Returns the columns of a list property as names and types. */
function rowsOf({ properties }: Property): [string, unknown][] {
  return Object.entries(Object(properties)).map(([name, value]) => [name, Object(value).type])
}

/** Splits `a,"b, c",d` into three fields. A double quote inside quotes is written twice. */
export function splitCsv(line: string): string[] {
  const fields = [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)]
  return fields.map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"')))
}

/** Rejects NaN and infinity, which JSON would silently turn into null. */
function readNumber(name: string, given: string): number {
  const value = Number(given)
  if (given.trim() !== '' && Number.isFinite(value)) return value
  throw new Error(`--${flagOf(name)} must be a number, got "${given}".`)
}

async function readText(name: string, given: string): Promise<string> {
  return given.startsWith('@') ? (await readBytes(name, given.slice(1))).toString('utf8') : given
}

/** Loads a file from this machine or from a URL, because the server loads none. A `data:` URL is passed on unchanged. */
async function readFileValue(name: string, given: string): Promise<unknown> {
  if (given.startsWith('data:')) return given
  if (/^https?:/.test(given)) return await loadFile(name, given)
  const path = given.replace(/^@/, '')
  return { filename: basename(path), base64: (await readBytes(name, path)).toString('base64') }
}

async function readBytes(name: string, path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    const reason = READ_ERRORS[String(Object(cause).code)] ?? `cannot be read (${String(Object(cause).code)})`
    throw new Error(`--${flagOf(name)}: ${path} ${reason}.`, { cause })
  })
}

const READ_ERRORS: Record<string, string> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'cannot be read: permission denied',
}

async function loadFile(name: string, url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) }).catch((cause: unknown) => {
    throw new Error(`--${flagOf(name)}: ${url} cannot be loaded: the connection failed.`, { cause })
  })
  if (!response.ok) throw new Error(`--${flagOf(name)}: ${url} cannot be loaded: status ${response.status}.`)
  const base64 = Buffer.from(await response.arrayBuffer()).toString('base64')
  return { filename: basename(new URL(url).pathname) || 'file', base64 }
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`--${flagOf(name)} is not valid JSON: ${text.slice(0, 80)}`, { cause })
  }
}
