import { AIError } from '../errors/ai-error.ts'

/** What a field may be: as text, and as a test. */
export type Rule = { allowed: string; fits: (value: unknown) => boolean; required?: true }

/** Validates each field by its rule. A field without a rule is unknown. @throws AIError `invalid-request` */
export function validateFields(params: object, fields: Record<string, Rule>): void {
  check(isRecord(params), 'params', params, 'an object')
  for (const field of Object.keys(params)) {
    if (!(field in fields))
      throw invalid(field, `is not a parameter of this call; allowed: ${Object.keys(fields).join(', ')}`)
  }
  for (const [field, { allowed, fits, required }] of Object.entries(fields)) {
    const value: unknown = Reflect.get(params, field)
    if (value !== undefined || required) check(fits(value), field, value, allowed)
  }
}

/** Validates timeouts. @param names timeouts that this call has @throws AIError `invalid-request` */
export function validateTimeout(timeout: object | undefined, names: readonly string[]): void {
  for (const [name, ms] of Object.entries(timeout ?? {})) {
    if (ms === undefined) continue
    if (!names.includes(name))
      throw invalid(`timeout.${name}`, `is not a timeout of this call; allowed: ${names.join(', ')}`)
    check(isWhole(ms, 1), `timeout.${name}`, ms, 'an integer of at least 1, in milliseconds')
  }
}

/** Validates a part of a message. @param types allowed types @throws AIError `invalid-request` */
export function validatePart(part: unknown, at: string, types: readonly string[]): void {
  const type: unknown = isRecord(part) ? Reflect.get(part, 'type') : undefined
  check(typeof type === 'string' && types.includes(type), `${at}.type`, type, types.join(', '))
  const value: unknown = isRecord(part) ? Reflect.get(part, String(type)) : undefined
  if (type === 'text') check(typeof value === 'string', `${at}.text`, value, 'a string')
  else check(isRecord(value), `${at}.${type}`, value, '{ url }, { base64, mediaType } or a file of the framework')
}

/** Fields that all calls have. */
export const OPTION_FIELDS = {
  advancedOptions: {
    allowed: "an object of the vendor's own fields",
    fits: (value) => isRecord(value) && !Array.isArray(value),
  },
  signal: { allowed: 'an AbortSignal', fits: (value) => value instanceof AbortSignal },
  timeout: { allowed: '{ total } in milliseconds', fits: isRecord },
  retries: { allowed: 'an integer from 0 to 10', fits: (value) => isWhole(value, 0) && value <= 10 },
} satisfies Record<string, Rule>

// ---- errors

/** @throws AIError `invalid-request` that names the field, its value and what is expected */
export function check(fits: boolean, field: string, value: unknown, allowed: string): void {
  if (!fits) throw invalid(field, `is ${describe(value)}; expected ${allowed}`)
}

export function invalid(field: string, what: string): AIError {
  return new AIError({ code: 'invalid-request', message: `${field} ${what}.`, parameter: field })
}

/** Describes a value without quoting a prompt. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.length <= 40 ? `"${value}"` : `a text of ${value.length} characters`
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value)
  return Array.isArray(value) ? `a list of ${value.length}` : `of type ${typeof value}`
}

export function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function isNamed(value: unknown): boolean {
  return isRecord(value) && isFilled(Reflect.get(value, 'tool'))
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

export function isWhole(value: unknown, least: number): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= least
}

export function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
