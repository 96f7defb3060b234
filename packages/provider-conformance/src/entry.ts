import type { AICapability, AIModelParameter } from '@activepieces/pieces-common'
import { z } from 'zod'
import { fieldOf, linesOf, locate, type Source } from './source.ts'

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
  const name =
    typeof value === 'string' && value !== '' ? `"${value}"` : `the entry at place ${registry.indexOf(entry)}`
  const location = source && locate(entry, registry, source)
  const faults = [...shapeFaults(entry), ...repetitions(entry, registry, source), ...halfCapabilities(entry)]
  return faults.map(({ field, words }) => {
    const module = location?.imported(field)
    return `${location?.at(field) ?? ''}${name}: ${words}${module ? ` (written in ${module})` : ''}`
  })
}

/** What is wrong, and the field of the entry that is to be mended. */
type Fault = { readonly field: string; readonly words: string }

// ---- the shape of an entry

const text = z.string('is missing').trim().min(1, 'is empty')
const fn = z.custom((value) => typeof value === 'function', 'is no function')
const CAPABILITIES: AICapability[] = ['text', 'image', 'embedding', 'moderation', 'speech', 'transcription']
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
  requestHeaders: z.array(text.regex(/^[a-z0-9-]+$/, 'is not the name of a header in lower case')).optional(),
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

// ---- what has to be unique

function repetitions(entry: unknown, registry: readonly unknown[], source: Source | undefined): Fault[] {
  const others = registry.filter((other) => other !== entry)
  const repeated = ['value', 'label'].flatMap((field) => {
    const own = fieldOf(entry, field)
    if (typeof own !== 'string' || !others.some((other) => fieldOf(other, field) === own)) return []
    const lines = source ? linesOf(source.text, `${field}: '${own}'`) : []
    const where = lines.length > 1 ? ` (lines ${lines.join(' and ')})` : ''
    return [{ field, words: `${field} "${own}" is there more than once${where}; each entry has its own` }]
  })
  const models = fieldOf(entry, 'models')
  const ids = Array.isArray(models) ? models.map((model) => String(fieldOf(model, 'value'))) : []
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  return [...repeated, ...twice.map((id) => ({ field: 'models', words: `models has "${id}" more than once` }))]
}

// ---- what the factory gives

const Ai = z.object({
  provider: text,
  sdk: fn.optional(),
  chat: z.object(
    { text: fn, stream: fn.optional(), structuredOutput: fn.optional(), explain: fn.optional() },
    'is missing; expected { text }',
  ),
  image: z.object({ generate: fn, edit: fn.optional() }, 'is nothing; expected { generate }').optional(),
  embedding: z.object({ create: fn }, 'is nothing; expected { create }').optional(),
  moderation: z.object({ create: fn }, 'is nothing; expected { create }').optional(),
  audio: z
    .object({ speech: fn.optional(), transcribe: fn.optional() }, 'is nothing; expected { speech, transcribe }')
    .optional(),
  models: z.object({ list: fn }, 'is nothing; expected { list }').optional(),
})

/** Makes the AI, which must neither send nor load anything: so it can be looked at here. */
function halfCapabilities(entry: unknown): Fault[] {
  const factory = fieldOf(entry, 'factory')
  if (typeof factory !== 'function') return []
  try {
    const ai: unknown = factory({ serverUrl: 'http://127.0.0.1:9', engineToken: 'token' })
    const issues = Ai.safeParse(ai).error?.issues ?? []
    const faults = issues.map(({ path, message }) => `what factory gives: ${path.join('.')} ${message}`)
    // What is missing besides is told when what there is is right.
    return faults.length > 0 ? faults.map((words) => ({ field: 'factory', words })) : withoutMethod(entry, ai)
  } catch (error) {
    return [{ field: 'factory', words: `factory throws ${error instanceof Error ? error.message : String(error)}` }]
  }
}

/** Models that are listed for a medium need a vendor that has it. */
function withoutMethod(entry: unknown, ai: unknown): Fault[] {
  const models = fieldOf(entry, 'models')
  return Object.entries(MEDIA).flatMap(([capability, { words, at }]) => {
    const able = (Array.isArray(models) ? models : []).filter((model) => {
      const supported = fieldOf(model, 'supported')
      return Array.isArray(supported) && supported.includes(capability)
    })
    if (able.length === 0 || at.reduce(fieldOf, ai) !== undefined) return []
    const ids = able.map((model) => `"${String(fieldOf(model, 'value'))}"`).join(', ')
    return [{ field: 'models', words: `models has ${ids} for ${words}, and factory gives no ${at.join('.')}` }]
  })
}

/** Where a factory's AI has each capability. */
export const MEDIA: Record<Exclude<AICapability, 'text'>, { words: string; at: readonly string[] }> = {
  image: { words: 'images', at: ['image'] },
  embedding: { words: 'embeddings', at: ['embedding'] },
  moderation: { words: 'moderation', at: ['moderation'] },
  speech: { words: 'speech', at: ['audio', 'speech'] },
  transcription: { words: 'transcripts', at: ['audio', 'transcribe'] },
}
