import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Piece } from '@activepieces/contract'

export type ActionInfo = Piece['actions'][number]
/** A property as the framework describes it, and what is read of it here. */
type Property = ActionInfo['props'][string]

/** The name of a property on the command line: `systemPrompt` is `--system-prompt`. */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** How `parseArgs` has to read a property. */
export function optionOf({ type }: Property): { type: 'string' | 'boolean'; multiple?: true } {
  if (type === 'CHECKBOX') return { type: 'boolean' }
  return type === 'ARRAY' ? { type: 'string', multiple: true } : { type: 'string' }
}

/** Whether a property takes files, alone or in a list. */
export function takesFiles(property: Property): boolean {
  return property['type'] === 'FILE' || rowsOf(property)[0]?.[1] === 'FILE'
}

/**
 * The value of a property, of what stands on the command line. `@path` is what is in a file.
 *
 * @throws Error that names the option
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

/** One entry of a list, several as CSV, or all as JSON; of rows with several columns a plain text is the first column. */
async function readList(name: string, property: Property, given: string): Promise<unknown[]> {
  const [column] = rowsOf(property)
  if (column?.[1] === 'FILE') return [{ [column[0]]: await readFileValue(name, given) }]
  const text = await readText(name, given)
  if (/^\s*[[{]/.test(text)) return [parseJson(name, text)].flat()
  const entries = splitCsv(text)
  return column ? entries.map((entry) => ({ ...firstChoices(property), [column[0]]: entry })) : entries
}

/** Of each column that must be chosen, the first choice: a plain text says nothing of it. */
function firstChoices({ properties }: Property): Record<string, unknown> {
  const columns = Object.entries(Object(properties)).map(([name, value]) => [name, Object(value)] as const)
  return Object.fromEntries(
    columns
      .filter(([, { type, required }]) => type === 'STATIC_DROPDOWN' && required === true)
      .map(([name, { options }]) => [name, Object(options).options?.[0]?.value]),
  )
}

/** The columns of a list of rows: names and types. */
function rowsOf({ properties }: Property): [string, unknown][] {
  return Object.entries(Object(properties)).map(([name, value]) => [name, Object(value).type])
}

/** `a,"b, c",d` in three; a double quote inside of quotes stands there twice. */
export function splitCsv(line: string): string[] {
  const fields = [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)]
  return fields.map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"')))
}

/** What is no number would go over the wire as null, and so be lost. */
function readNumber(name: string, given: string): number {
  const value = Number(given)
  if (given.trim() !== '' && Number.isFinite(value)) return value
  throw new Error(`--${flagOf(name)} is "${given}"; allowed is a number.`)
}

async function readText(name: string, given: string): Promise<string> {
  return given.startsWith('@') ? (await readBytes(name, given.slice(1))).toString('utf8') : given
}

/** A file by its bytes, from this machine or from a URL; the server loads none. A `data:` URL stays what it is. */
async function readFileValue(name: string, given: string): Promise<unknown> {
  if (given.startsWith('data:')) return given
  if (/^https?:/.test(given)) return await loadFile(name, given)
  const path = given.replace(/^@/, '')
  return { filename: basename(path), base64: (await readBytes(name, path)).toString('base64') }
}

async function readBytes(name: string, path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    const why = WHY[String(Object(cause).code)] ?? `cannot be read (${String(Object(cause).code)})`
    throw new Error(`--${flagOf(name)}: ${path} ${why}.`, { cause })
  })
}

const WHY: Record<string, string> = { ENOENT: 'is not there', EISDIR: 'is a folder', EACCES: 'may not be read' }

async function loadFile(name: string, url: string): Promise<unknown> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(60_000) }).catch((cause: unknown) => {
    throw new Error(`--${flagOf(name)}: ${url} cannot be loaded: nothing answers there.`, { cause })
  })
  if (!reply.ok) throw new Error(`--${flagOf(name)}: ${url} cannot be loaded: status ${reply.status}.`)
  const base64 = Buffer.from(await reply.arrayBuffer()).toString('base64')
  return { filename: basename(new URL(url).pathname) || 'file', base64 }
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`--${flagOf(name)} is no JSON: ${text.slice(0, 80)}`, { cause })
  }
}
