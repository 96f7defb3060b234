import type { AICapability, AIModelParameter } from '@activepieces/pieces-common'
import { z } from 'zod'
import { fieldOf, linesOf, locate, type Source } from './source.ts'

/**
 * Finds the problems of a registry entry, including those that TypeScript cannot see.
 *
 * @param entry the entry as written
 * @param registry all entries, to check uniqueness
 * @param source source of the registry; without it, the problems have no line numbers
 * @returns one sentence per problem, which begins with the line to change
 */
export function faultsOf(entry: unknown, registry: readonly unknown[], source?: Source): string[] {
  const value = fieldOf(entry, 'value')
  const name =
    typeof value === 'string' && value !== '' ? `"${value}"` : `the entry at index ${registry.indexOf(entry)}`
  const location = source && locate(entry, registry, source)
  const faults = [...shapeFaults(entry), ...repetitions(entry, registry, source), ...factoryFaults(entry)]
  return faults.map(({ field, words }) => {
    const module = location?.imported(field)
    return `${location?.at(field) ?? ''}${name}: ${words}${module ? ` (defined in ${module})` : ''}`
  })
}

/** A problem, and the field of the entry to change. */
type Fault = { readonly field: string; readonly words: string }

// ---- Shape of an entry

const text = z.string('is missing').trim().min(1, 'is empty')
const fn = z.custom((value) => typeof value === 'function', 'must be a function')
const CAPABILITIES: AICapability[] = ['text', 'image', 'embedding', 'moderation', 'speech', 'transcription']
const PARAMETERS: AIModelParameter[] = ['creativity', 'maxTokens', 'stop', 'toolChoice', 'parallelToolCalls']
const list = (words: readonly string[]) =>
  z.array(z.enum(words, { error: ({ input }) => `is "${String(input)}"; allowed are ${words.join(', ')}` })).optional()

const Model = z.object({
  value: text,
  label: text,
  supported: list(CAPABILITIES),
  refuses: list(PARAMETERS),
  maxOutputTokens: z.int('must be an integer').positive('must be at least 1').optional(),
})

const Entry = z.object({
  value: text.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'may contain only lowercase letters, digits and single hyphens'),
  label: text,
  logoUrl: z
    .string('is missing')
    .regex(/^(https:\/\/|data:image\/|\/)\S+$/, 'must be an https, data or root-relative URL'),
  defaultBaseUrl: z
    .string('is missing')
    .regex(/^https?:\/\/[^\s/]+/, 'must be an http or https URL')
    .refine((url) => !/\/(v\d+)?$/.test(url), 'must not end in a slash or an API version'),
  instructionsMarkdown: text,
  auth: z.object({ name: text, mapper: fn }, 'is missing; use authHeader({ bearer: true })'),
  models: z.array(Model, 'must be an array of models'),
  requestHeaders: z.array(text.regex(/^[a-z0-9-]+$/, 'must be a lowercase header name')).optional(),
  factory: fn,
})

function shapeFaults(entry: unknown): Fault[] {
  const result = Entry.safeParse(entry)
  if (result.success) return []
  return result.error.issues.map(({ path, message }) => ({
    field: String(path[0] ?? ''),
    words: `${path.map(inPath).join('') || 'the entry'} ${message}`,
  }))
}

function inPath(step: PropertyKey, index: number): string {
  if (typeof step === 'number') return `[${step}]`
  return index === 0 ? String(step) : `.${String(step)}`
}

// ---- Uniqueness

function repetitions(entry: unknown, registry: readonly unknown[], source: Source | undefined): Fault[] {
  const others = registry.filter((other) => other !== entry)
  const repeated = ['value', 'label'].flatMap((field) => {
    const own = fieldOf(entry, field)
    if (typeof own !== 'string' || !others.some((other) => fieldOf(other, field) === own)) return []
    const lines = source ? linesOf(source.text, `${field}: '${own}'`) : []
    const where = lines.length > 1 ? ` (lines ${lines.join(' and ')})` : ''
    return [{ field, words: `${field} "${own}" is used more than once${where}; it must be unique` }]
  })
  const models = fieldOf(entry, 'models')
  const ids = Array.isArray(models) ? models.map((model) => String(fieldOf(model, 'value'))) : []
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  return [...repeated, ...twice.map((id) => ({ field: 'models', words: `models contains "${id}" more than once` }))]
}

// ---- Return value of the factory

const Ai = z.object({
  provider: text,
  sdk: fn.optional(),
  chat: z.object(
    { text: fn, stream: fn.optional(), structuredOutput: fn.optional(), explain: fn.optional() },
    'is missing; expected { text }',
  ),
  image: z.object({ generate: fn, edit: fn.optional() }, 'must be { generate }').optional(),
  embedding: z.object({ create: fn }, 'must be { create }').optional(),
  moderation: z.object({ create: fn }, 'must be { create }').optional(),
  audio: z.object({ speech: fn.optional(), transcribe: fn.optional() }, 'must be { speech, transcribe }').optional(),
  models: z.object({ list: fn }, 'must be { list }').optional(),
})

/** Creates the AI to inspect it, which must not send or load anything. */
function factoryFaults(entry: unknown): Fault[] {
  const factory = fieldOf(entry, 'factory')
  if (typeof factory !== 'function') return []
  try {
    const ai: unknown = factory({ serverUrl: 'http://127.0.0.1:9', engineToken: 'token' })
    const issues = Ai.safeParse(ai).error?.issues ?? []
    const faults = issues.map(({ path, message }) => `factory(): ${path.join('.')} ${message}`)
    // Missing methods are reported once the existing ones are valid.
    return faults.length > 0 ? faults.map((words) => ({ field: 'factory', words })) : missingMethods(entry, ai)
  } catch (error) {
    return [{ field: 'factory', words: `factory throws ${error instanceof Error ? error.message : String(error)}` }]
  }
}

/** Finds models listed for a medium that the AI does not offer. */
function missingMethods(entry: unknown, ai: unknown): Fault[] {
  const models = fieldOf(entry, 'models')
  return Object.entries(MEDIA).flatMap(([capability, { words, at }]) => {
    const able = (Array.isArray(models) ? models : []).filter((model) => {
      const supported = fieldOf(model, 'supported')
      return Array.isArray(supported) && supported.includes(capability)
    })
    if (able.length === 0 || at.reduce(fieldOf, ai) !== undefined) return []
    const ids = able.map((model) => `"${String(fieldOf(model, 'value'))}"`).join(', ')
    return [{ field: 'models', words: `models lists ${ids} for ${words}, but factory returns no ${at.join('.')}` }]
  })
}

/** Where each capability is found on a factory's AI. */
export const MEDIA: Record<Exclude<AICapability, 'text'>, { words: string; at: readonly string[] }> = {
  image: { words: 'images', at: ['image'] },
  embedding: { words: 'embeddings', at: ['embedding'] },
  moderation: { words: 'moderation', at: ['moderation'] },
  speech: { words: 'speech', at: ['audio', 'speech'] },
  transcription: { words: 'transcripts', at: ['audio', 'transcribe'] },
}
