import { AIError } from '@activepieces/pieces-common'
import { z } from 'zod'

/** The types that a field may have. */
export const FIELD_TYPES = ['text', 'number', 'yes or no', 'date'] as const

/**
 * One field as a flow's author writes it. Dots lead into objects and `[]` marks a list: `customer.name`, `tags[]`,
 * `items[].price`.
 */
export type Field = {
  readonly name: string
  readonly type: (typeof FIELD_TYPES)[number]
  readonly description?: string | undefined
  readonly required?: boolean | undefined
}

/** What is asked for, and how the answer comes back under the author's own names. */
export type FieldSchema = {
  readonly schema: z.ZodType<unknown>
  /** @throws AIError `invalid-object` that names the required fields that have no value */
  readonly read: (answer: unknown) => Record<string, unknown>
}

type Node = { readonly name: string; key: string; list: boolean; field: Field | undefined; children: Map<string, Node> }

/**
 * Makes a schema of a list of fields.
 *
 * @throws AIError `invalid-request` for a name that is empty, there twice, or both a value and an object
 */
export function fieldSchema(fields: readonly Field[]): FieldSchema {
  if (fields.length === 0) throw wrong('Fields has no field; name at least one.')
  const root: Node = { name: '', key: '', list: false, field: undefined, children: new Map() }
  for (const field of fields) addField(root, field)
  return {
    schema: objectOf(root),
    read: (answer) => {
      const missing: string[] = []
      const value = readObject(root, answer, '', missing)
      if (missing.length === 0) return value
      const message = `The model found no value for ${missing.map((name) => `"${name}"`).join(', ')}, which must have one.`
      throw new AIError({ code: 'invalid-object', message, parameter: missing[0] })
    },
  }
}

function addField(root: Node, field: Field): void {
  const steps = field.name.trim().split('.')
  let node = root
  for (const [place, step] of steps.entries()) {
    const list = step.endsWith('[]')
    const name = (list ? step.slice(0, -2) : step).trim()
    if (name === '')
      throw wrong(
        `The field name "${field.name}" has an empty part; allowed are names like customer.name or items[].price.`,
      )
    const last = place === steps.length - 1
    const known = node.children.get(name)
    if (known && (last || known.field !== undefined))
      throw wrong(`The field "${field.name}" is there twice, or is a value and an object at once.`)
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

/** The vendors take letters, digits and underscores: names that come to the same are told apart by a number. */
function safeKey(name: string, siblings: ReadonlyMap<string, Node>): string {
  const taken = new Set([...siblings.values()].map(({ key }) => key))
  const plain =
    name
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9_]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 40) || 'field'
  let key = plain
  for (let number = 2; taken.has(key); number++) key = `${plain}_${number}`
  return key
}

function objectOf({ children }: Node): z.ZodType<unknown> {
  return z.object(Object.fromEntries([...children.values()].map((child) => [child.key, schemaOf(child)])))
}

/** What is not there is null: a model that has to give something makes it up. */
function schemaOf(node: Node): z.ZodType<unknown> {
  const inner = node.field ? VALUES[node.field.type]() : objectOf(node)
  const words = [node.name, node.field?.description].filter(Boolean).join(': ')
  if (node.list) return z.array(inner).describe(words)
  return (node.field ? inner.nullable() : inner).describe(words)
}

const VALUES: Record<Field['type'], () => z.ZodType<unknown>> = {
  text: () => z.string(),
  number: () => z.number(),
  'yes or no': () => z.boolean(),
  date: () => z.string().describe('A date as ISO 8601, e.g. 2026-11-23 or 2026-11-23T10:00:00Z'),
}

function readObject(node: Node, answer: unknown, at: string, missing: string[]): Record<string, unknown> {
  const given: Record<string, unknown> = typeof answer === 'object' && answer !== null ? { ...answer } : {}
  const entries = [...node.children.values()].map((child) => {
    const path = `${at}${child.name}${child.list ? '[]' : ''}`
    return [child.name, readValue(child, given[child.key], path, missing)] as const
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

function wrong(message: string): AIError {
  return new AIError({ code: 'invalid-request', message, parameter: 'fields' })
}
