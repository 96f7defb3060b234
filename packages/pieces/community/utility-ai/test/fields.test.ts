import { AIError } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Field, fieldSchema } from '../src/lib/fields.ts'

const field = (name: string, rest: Partial<Field> = {}): Field => ({ name, type: 'text', ...rest })
const schemaOf = (...fields: Field[]) => z.toJSONSchema(fieldSchema(fields).schema)
const refused =
  (...fields: Field[]) =>
  () =>
    fieldSchema(fields)

describe('a list of fields (A5)', () => {
  it('becomes a schema with objects and lists, whose missing values are null', () => {
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
    const answer = {
      customer: { name: 'Ada', since: null },
      paid: true,
      tags: ['a', 'b'],
      items: [{ price: 2.5, what: 'tea' }],
    }
    expect(schema.safeParse(answer).success).toBe(true)
    expect(read(answer)).toEqual(answer)
  })

  it('keeps names apart that vendors would take for one, and gives them back as they are', () => {
    const { schema, read } = fieldSchema([field('Größe (cm)'), field('Größe [cm'), field('名前')])
    const keys = Object.keys(z.toJSONSchema(schema).properties ?? {})
    expect(new Set(keys).size).toBe(3)
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_]+$/)
    const answer = Object.fromEntries(keys.map((key, index) => [key, String(index)]))
    expect(read(answer)).toEqual({ 'Größe (cm)': '0', 'Größe [cm': '1', 名前: '2' })
  })

  it('that is required has to have a value: the error names it', () => {
    const { read } = fieldSchema([field('a', { required: true }), field('b.c', { required: true }), field('d')])
    expect(() => read({ a: '', b: {} })).toThrow('The model found no value for "a", "b.c", which must have one.')
    expect(read({ a: 'x', b: { c: 'y' } })).toEqual({ a: 'x', b: { c: 'y' }, d: null })
  })

  it('is refused where it makes no sense', () => {
    expect(refused()).toThrow(AIError)
    expect(refused(field('a.'))).toThrow('empty part')
    expect(refused(field('a'), field('a'))).toThrow('twice')
    expect(refused(field('a'), field('a.b'))).toThrow('a value and an object at once')
  })
})
