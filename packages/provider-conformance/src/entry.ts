import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AICapability, AIModelParameter } from '@activepieces/pieces-common'
import { z } from 'zod'

/** Where the registry is written, to tell the lines. */
export type Source = { readonly path: string; readonly text: string }

/** The library's own registry, as it is written. */
export function registrySource(): Source {
  const file = fileURLToPath(new URL('./lib/ai/providers/index.ts', import.meta.resolve('@activepieces/pieces-common')))
  return { path: relative(process.cwd(), file), text: readFileSync(file, 'utf8') }
}

/**
 * What is wrong with an entry of a registry, whatever TypeScript let through.
 *
 * @param entry the entry as it was written
 * @param registry all entries, for what has to be unique
 * @param source where they are written; absent: no lines are told
 * @returns a sentence each, which begins with the line to mend
 */
export function faultsOf(entry: unknown, registry: readonly unknown[], source?: Source): string[] {
  const value = fieldOf(entry, 'value')
  const lines = source ? linesOf(source.text, `value: '${String(value)}'`) : []
  const at = source ? `${source.path}${lines[0] === undefined ? '' : `:${lines[0]}`}: ` : ''
  const name =
    typeof value === 'string' && value !== '' ? `"${value}"` : `the entry at place ${registry.indexOf(entry)}`
  const faults = [...shapeFaults(entry), ...repetitions(entry, registry, lines), ...halfCapabilities(entry)]
  return faults.map((fault) => `${at}${name}: ${fault}`)
}

// ---- the shape of an entry

const text = z.string('is missing').trim().min(1, 'is empty')
const fn = z.custom((value) => typeof value === 'function', 'is no function')
const CAPABILITIES: AICapability[] = ['text', 'image', 'embedding', 'moderation', 'speech', 'transcription', 'function']
const PARAMETERS: AIModelParameter[] = ['creativity', 'maxTokens', 'stop', 'toolChoice', 'parallelToolCalls']
const list = (words: readonly string[]) =>
  z.array(z.enum(words, { error: ({ input }) => `is "${String(input)}"; allowed are ${words.join(', ')}` })).optional()

const Model = z.object({
  value: text,
  label: text,
  supported: list(CAPABILITIES),
  refuses: list(PARAMETERS),
  maxOutputTokens: z.int('is no whole number').positive('is below 1').optional(),
})

const Entry = z.object({
  value: text.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'may have small letters, digits and single dashes only'),
  label: text,
  logoUrl: z.string('is missing').regex(/^(https:\/\/|data:image\/|\/)\S+$/, 'is no https, data or root-relative URL'),
  defaultBaseUrl: z
    .string('is missing')
    .regex(/^https?:\/\/[^\s/]+/, 'is no http or https URL')
    .refine((url) => !/\/(v\d+)?$/.test(url), 'ends in a slash or in the version, which belongs to the path'),
  instructionsMarkdown: text,
  auth: z.object({ name: text, mapper: fn }, 'is missing; authHeader({ bearer: true }) makes one'),
  models: z.array(Model, 'is no list of models'),
  factory: fn,
})

function shapeFaults(entry: unknown): string[] {
  const result = Entry.safeParse(entry)
  if (result.success) return []
  return result.error.issues.map(({ path, message }) => `${path.map(inPath).join('') || 'the entry'} ${message}`)
}

function inPath(step: PropertyKey, index: number): string {
  if (typeof step === 'number') return `[${step}]`
  return index === 0 ? String(step) : `.${String(step)}`
}

// ---- what has to be unique

function repetitions(entry: unknown, registry: readonly unknown[], lines: readonly number[]): string[] {
  const others = registry.filter((other) => other !== entry)
  const repeated = ['value', 'label'].flatMap((field) => {
    const own = fieldOf(entry, field)
    if (typeof own !== 'string' || !others.some((other) => fieldOf(other, field) === own)) return []
    const where = field === 'value' && lines.length > 1 ? ` (lines ${lines.join(' and ')})` : ''
    return [`${field} "${own}" is there more than once${where}; each entry has its own`]
  })
  const models = fieldOf(entry, 'models')
  const ids = Array.isArray(models) ? models.map((model) => String(fieldOf(model, 'value'))) : []
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  return [...repeated, ...twice.map((id) => `models has "${id}" more than once`)]
}

// ---- what the factory gives

const Ai = z.object({
  provider: text,
  sdk: fn.optional(),
  chat: z.object(
    { text: fn, stream: fn.optional(), structuredOutput: fn.optional(), explain: fn.optional() },
    'is missing; right is { text }',
  ),
})

/** Makes the AI, which must neither send nor load anything: so it can be looked at here. */
function halfCapabilities(entry: unknown): string[] {
  const factory = fieldOf(entry, 'factory')
  if (typeof factory !== 'function') return []
  try {
    const ai: unknown = factory({ serverUrl: 'http://127.0.0.1:9', engineToken: 'token' })
    const result = Ai.safeParse(ai)
    if (result.success) return []
    return result.error.issues.map(({ path, message }) => `what factory gives: ${path.join('.')} ${message}`)
  } catch (error) {
    return [`factory throws ${error instanceof Error ? error.message : String(error)}`]
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
}

function linesOf(text: string, words: string): number[] {
  return text.split('\n').flatMap((line, index) => (line.includes(words) ? [index + 1] : []))
}
