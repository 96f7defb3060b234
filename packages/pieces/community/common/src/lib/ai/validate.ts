import type { AIChatCompletionsCreateParams } from './contract.ts'
import { AIError } from './errors.ts'

/** Checks the parameters of a chat call. @throws AIError `invalid-request`, naming the field, what came, what is allowed */
export function validateChatParams(params: AIChatCompletionsCreateParams): void {
  check(isRecord(params), 'params', params, 'an object')
  for (const field of Object.keys(params)) {
    if (!(field in FIELDS)) throw invalid(field, `is no parameter of this call; allowed are ${Object.keys(FIELDS).join(', ')}`)
  }
  for (const [field, { allowed, fits, required }] of Object.entries(FIELDS)) {
    const value: unknown = Reflect.get(params, field)
    if (value !== undefined || required) check(fits(value), field, value, allowed)
  }
  params.messages.forEach((message, index) => {
    const at = `messages[${index}]`
    check(isRecord(message), at, message, '{ role, content }')
    check(ROLES.includes(message.role), `${at}.role`, message.role, ROLES.join(', '))
    check(typeof message.content === 'string', `${at}.content`, message.content, 'a string')
  })
}

const ROLES: readonly string[] = ['system', 'user', 'assistant'] satisfies AIChatCompletionsCreateParams['messages'][number]['role'][]

type Rule = { allowed: string; fits: (value: unknown) => boolean; required?: true }

const FIELDS: Record<keyof AIChatCompletionsCreateParams, Rule> = {
  model: { allowed: 'the id of a model', fits: (value) => typeof value === 'string' && value.trim() !== '', required: true },
  messages: { allowed: 'a list of at least one message', fits: (value) => Array.isArray(value) && value.length > 0, required: true },
  creativity: { allowed: 'a number from 0 to 100', fits: (value) => isNumber(value) && value >= 0 && value <= 100 },
  maxTokens: { allowed: 'a whole number from 1', fits: (value) => isNumber(value) && Number.isInteger(value) && value >= 1 },
  stop: { allowed: 'a list of texts, none empty', fits: (value) => Array.isArray(value) && value.every(isFilled) },
  signal: { allowed: 'an AbortSignal', fits: (value) => value instanceof AbortSignal },
}

function check(fits: boolean, field: string, came: unknown, allowed: string): void {
  if (!fits) throw invalid(field, `is ${describe(came)}; allowed is ${allowed}`)
}

function invalid(field: string, what: string): AIError {
  return new AIError({ code: 'invalid-request', message: `${field} ${what}.`, parameter: field })
}

/** Says what came without quoting a prompt. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value.length <= 40 ? `"${value}"` : `a text of ${value.length} characters`
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return String(value)
  return Array.isArray(value) ? `a list of ${value.length}` : `of type ${typeof value}`
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
