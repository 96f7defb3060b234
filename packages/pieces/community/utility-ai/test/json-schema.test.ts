import { describe, expect, it } from 'vitest'
import { jsonSchemaOf } from '../src/lib/json-schema.ts'

const lines = { type: 'array', items: { type: 'array', items: { type: 'number' } } }
const order = { type: 'object', properties: { id: { type: 'string' }, lines }, required: ['id'] }
const orders = { type: 'object', properties: { orders: { type: 'array', items: order } } }

describe('a JSON schema', () => {
  it.each([
    [orders],
    [{ properties: { type: { type: 'string' }, format: { type: 'string' } } }],
    [{ type: ['object', 'null'], additionalProperties: false }],
    [{ type: 'object', properties: { next: { $ref: '#' }, tag: { $ref: '#/$defs/tag' } }, $defs: { tag: true } }],
    [{ anyOf: [{ type: 'string' }, { const: 1 }] }],
    [{ type: 'array', items: [{ type: 'string' }] }],
  ])('is taken as it is: %j', (schema) => {
    expect(jsonSchemaOf(schema).schema).toEqual(schema)
  })

  it.each([
    [[1], 'The JSON schema is no object with keywords, e.g.'],
    ['x', 'The JSON schema is no object with keywords, e.g.'],
    [{ nonsense: 1 }, 'The JSON schema is no object with keywords, e.g.'],
    [{ type: 'strnig' }, 'is wrong: type is "strnig"; allowed are object, array, string'],
    [{ properties: { a: { type: 'text' } } }, 'is wrong at properties.a: type is "text"; allowed'],
    [{ properties: { a: 'string' } }, 'is wrong at properties.a: "string" is no schema; allowed'],
    [{ properties: [] }, 'is wrong: properties is no object with schemas by their names.'],
    [{ type: 'array', items: { anyOf: {} } }, 'is wrong at items: anyOf is no list of schemas.'],
    [{ type: 'object', required: 'id' }, 'is wrong: required is "id"; allowed is a list of names.'],
    [{ enum: [] }, 'is wrong: enum is no list with values.'],
    [{ properties: { a: { $ref: '#/$defs/a' } } }, 'at properties.a: $ref "#/$defs/a" leads to nothing here.'],
  ])('that is none is refused with the place: %j', (schema, words) => {
    const parameter = 'jsonSchema'
    expect(() => jsonSchemaOf(schema)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(words), parameter }),
    )
  })
})

describe('the answer', () => {
  it.each([
    [orders, {}],
    [orders, { orders: [{ id: '1' }, { id: 'شكوى 😀', lines: [[1, 2], []] }] }],
    [{ type: 'object', properties: { day: { type: 'string', format: 'date', default: '' } } }, { day: 'tomorrow' }],
    [{ properties: { format: { type: 'string' } }, required: ['format'] }, { format: 'PDF' }],
    [{ type: 'object', not: { required: ['b'] } }, { a: 1 }], // zod has no words for it
  ])('that fits %j is given as it came', (schema, answer) => {
    expect(jsonSchemaOf(schema).read(answer)).toBe(answer)
  })

  it.each([
    [{ orders: [{ lines: [] }] }, /orders\.0\.id: /],
    [{ orders: [{ id: null }] }, /orders\.0\.id: /],
    [{ orders: [{ id: 'a', lines: [['1']] }] }, /orders\.0\.lines\.0\.0: /],
  ])('that does not fit is an error with each path: %j', (answer, words) => {
    const message = expect.stringMatching(words)
    expect(() => jsonSchemaOf(orders).read(answer)).toThrow(
      expect.objectContaining({ code: 'invalid-object', message }),
    )
  })
})
