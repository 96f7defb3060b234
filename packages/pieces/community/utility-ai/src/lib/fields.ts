import { AIError } from '@activepieces/pieces-common'
import { z } from 'zod'

/** Types of a field. */
export const FIELD_TYPES = ['text', 'number', 'yes or no', 'date'] as const

/**
 * One field to extract. In its name, dots denote nested objects and `[]` a list: `customer.name`, `tags[]`, `items[].price`.
 */
export type Field = {
  readonly name: string
  readonly type: (typeof FIELD_TYPES)[number]
  readonly description?: string | undefined
  readonly required?: boolean | undefined
}

/** The schema sent to the model, and a function that restores the author's field names in its output. */
export type FieldSchema = {
  readonly schema: z.ZodType<unknown>
  /** @throws AIError `invalid-object` naming the required fields without a value */
  readonly read: (output: unknown) => Record<string, unknown>
}

type Node = { readonly name: string; key: string; list: boolean; field: Field | undefined; children: Map<string, Node> }

/**
 * Creates a schema from a list of fields.
 *
 * @throws AIError `invalid-request` for a name that is empty, duplicated, or used as both a value and an object
 */
export function fieldSchema(fields: readonly Field[]): FieldSchema {
  if (fields.length === 0) throw invalid('Add at least one field.')
  const root: Node = { name: '', key: '', list: false, field: undefined, children: new Map() }
  for (const field of fields) addField(root, field)
  return {
    schema: objectOf(root),
    read: (output) => {
      const missing: string[] = []
      const value = readObject(root, output, '', missing)
      if (missing.length === 0) return value
      const message = `The model found no value for the required fields ${missing.map((name) => `"${name}"`).join(', ')}.`
      throw new AIError({ code: 'invalid-object', message, parameter: missing[0] })
    },
  }
}

function addField(root: Node, field: Field): void {
  const steps = field.name.trim().split('.')
  let node = root
  for (const [index, step] of steps.entries()) {
    const list = step.endsWith('[]')
    const name = (list ? step.slice(0, -2) : step).trim()
    if (name === '')
      throw invalid(
        `Invalid field name "${field.name}": a part is empty. Use names like customer.name or items[].price.`,
      )
    const last = index === steps.length - 1
    const known = node.children.get(name)
    if (known && (last || known.field !== undefined))
      throw invalid(`The field "${field.name}" is duplicated, or is both a value and an object.`)
    const next = known ?? {
      name,
      key: safeKey(name, node.children),
      list,
      field: last ? field : undefined,
      children: new Map(),
    }
    next.list ||= list
    node.children.set(name, next)
    node = next
  }
}

/** Vendors accept only letters, digits and underscores. Adds a number to names that would otherwise collide. */
function safeKey(name: string, siblings: ReadonlyMap<string, Node>): string {
  const taken = new Set([...siblings.values()].map(({ key }) => key))
  const base =
    name
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9_]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 40) || 'field'
  let key = base
  for (let number = 2; taken.has(key); number++) key = `${base}_${number}`
  return key
}

function objectOf({ children }: Node): z.ZodType<unknown> {
  return z.object(Object.fromEntries([...children.values()].map((child) => [child.key, schemaOf(child)])))
}

/** Values are nullable: a model that must return a value makes one up. */
function schemaOf(node: Node): z.ZodType<unknown> {
  const inner = node.field ? VALUES[node.field.type]() : objectOf(node)
  const description = [node.name, node.field?.description].filter(Boolean).join(': ')
  if (node.list) return z.array(inner).describe(description)
  return (node.field ? inner.nullable() : inner).describe(description)
}

const VALUES: Record<Field['type'], () => z.ZodType<unknown>> = {
  text: () => z.string(),
  number: () => z.number(),
  'yes or no': () => z.boolean(),
  date: () => z.string().describe('ISO 8601 date, e.g. 2026-11-23 or 2026-11-23T10:00:00Z'),
}

function readObject(node: Node, output: unknown, prefix: string, missing: string[]): Record<string, unknown> {
  const values: Record<string, unknown> = typeof output === 'object' && output !== null ? { ...output } : {}
  const entries = [...node.children.values()].map((child) => {
    const path = `${prefix}${child.name}${child.list ? '[]' : ''}`
    return [child.name, readValue(child, values[child.key], path, missing)] as const
  })
  return Object.fromEntries(entries)
}

function readValue(node: Node, value: unknown, path: string, missing: string[]): unknown {
  const empty = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  if (node.field?.required && empty && !missing.includes(path)) missing.push(path)
  if (node.list) {
    const items: unknown[] = Array.isArray(value) ? value : []
    return node.field ? items : items.map((item) => readObject(node, item, `${path}.`, missing))
  }
  return node.field ? (value ?? null) : readObject(node, value, `${path}.`, missing)
}

function invalid(message: string): AIError {
  return new AIError({ code: 'invalid-request', message, parameter: 'fields' })
}
