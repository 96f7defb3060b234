import { AIError } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Field, fieldSchema } from '../src/lib/fields.ts'

const field = (name: string, rest: Partial<Field> = {}): Field => ({ name, type: 'text', ...rest })
const schemaOf = (...fields: Field[]) => z.toJSONSchema(fieldSchema(fields).schema)
const rejected =
  (...fields: Field[]) =>
  () =>
    fieldSchema(fields)

describe('fieldSchema', () => {
  it('creates a schema with objects, lists and nullable values', () => {
    const fields = [
      field('customer.name', { description: 'As on the invoice' }),
      field('customer.since', { type: 'date' }),
      field('paid', { type: 'yes or no' }),
      field('tags[]'),
      field('items[].price', { type: 'number' }),
      field('items[].what'),
    ]
    expect(schemaOf(...fields)).toMatchObject({
      properties: {
        customer: { properties: { name: { type: ['string', 'null'], description: 'name: As on the invoice' } } },
        tags: { type: 'array', items: { type: 'string' } },
        items: {
          type: 'array',
          items: { properties: { price: { type: ['number', 'null'] }, what: { type: ['string', 'null'] } } },
        },
      },
    })
    const { schema, read } = fieldSchema(fields)
    const output = {
      customer: { name: 'Ada', since: null },
      paid: true,
      tags: ['a', 'b'],
      items: [{ price: 2.5, what: 'tea' }],
    }
    expect(schema.safeParse(output).success).toBe(true)
    expect(read(output)).toEqual(output)
  })

  it('gives similar names distinct keys, and restores the names in the output', () => {
    const { schema, read } = fieldSchema([field('Größe (cm)'), field('Größe [cm'), field('名前')])
    const keys = Object.keys(z.toJSONSchema(schema).properties ?? {})
    expect(new Set(keys).size).toBe(3)
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_]+$/)
    const output = Object.fromEntries(keys.map((key, index) => [key, String(index)]))
    expect(read(output)).toEqual({ 'Größe (cm)': '0', 'Größe [cm': '1', 名前: '2' })
  })

  it('names the required fields that have no value', () => {
    const { read } = fieldSchema([field('a', { required: true }), field('b.c', { required: true }), field('d')])
    expect(() => read({ a: '', b: {} })).toThrow('The model found no value for the required fields "a", "b.c".')
    expect(read({ a: 'x', b: { c: 'y' } })).toEqual({ a: 'x', b: { c: 'y' }, d: null })
  })

  it('rejects an empty list, empty names, duplicates and contradictions', () => {
    expect(rejected()).toThrow(AIError)
    expect(rejected(field('a.'))).toThrow('a part is empty')
    expect(rejected(field('a'), field('a'))).toThrow('duplicated')
    expect(rejected(field('a'), field('a.b'))).toThrow('both a value and an object')
  })
})
