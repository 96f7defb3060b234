import { describe, expect, it } from 'vitest'
import { jsonSchemaOf } from '../src/lib/json-schema.ts'

const lines = { type: 'array', items: { type: 'array', items: { type: 'number' } } }
const order = { type: 'object', properties: { id: { type: 'string' }, lines }, required: ['id'] }
const orders = { type: 'object', properties: { orders: { type: 'array', items: order } } }

describe('jsonSchemaOf', () => {
  it.each([
    [orders],
    [{ properties: { type: { type: 'string' }, format: { type: 'string' } } }],
    [{ type: ['object', 'null'], additionalProperties: false }],
    [{ type: 'object', properties: { next: { $ref: '#' }, tag: { $ref: '#/$defs/tag' } }, $defs: { tag: true } }],
    [{ anyOf: [{ type: 'string' }, { const: 1 }] }],
    [{ type: 'array', items: [{ type: 'string' }] }],
  ])('accepts %j', (schema) => {
    expect(jsonSchemaOf(schema).schema).toEqual(schema)
  })

  it.each([
    [[1], 'Invalid JSON schema: expected an object like'],
    ['x', 'Invalid JSON schema: expected an object like'],
    [{ nonsense: 1 }, 'Invalid JSON schema: expected an object like'],
    [{ type: 'strnig' }, 'Invalid JSON schema: unknown type "strnig". Use object, array, string'],
    [{ properties: { a: { type: 'text' } } }, 'Invalid JSON schema at properties.a: unknown type "text". Use'],
    [{ properties: { a: 'string' } }, 'Invalid JSON schema at properties.a: expected a schema object, got "string"'],
    [{ properties: [] }, 'Invalid JSON schema: "properties" must be an object of schemas.'],
    [{ type: 'array', items: { anyOf: {} } }, 'Invalid JSON schema at items: "anyOf" must be a list of schemas.'],
    [{ type: 'object', required: 'id' }, 'Invalid JSON schema: "required" must be a list of names, got "id".'],
    [{ enum: [] }, 'Invalid JSON schema: "enum" must be a non-empty list.'],
    [{ properties: { a: { $ref: '#/$defs/a' } } }, 'at properties.a: $ref "#/$defs/a" does not exist in this schema.'],
  ])('rejects %j and names the path', (schema, message) => {
    const parameter = 'jsonSchema'
    expect(() => jsonSchemaOf(schema)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(message), parameter }),
    )
  })
})

describe('the output of the model', () => {
  it.each([
    [orders, {}],
    [orders, { orders: [{ id: '1' }, { id: 'شكوى 😀', lines: [[1, 2], []] }] }],
    [{ type: 'object', properties: { day: { type: 'string', format: 'date', default: '' } } }, { day: 'tomorrow' }],
    [{ properties: { format: { type: 'string' } }, required: ['format'] }, { format: 'PDF' }],
    [{ type: 'object', not: { required: ['b'] } }, { a: 1 }], // zod cannot express it
  ])('is returned unchanged if it matches %j', (schema, output) => {
    expect(jsonSchemaOf(schema).read(output)).toBe(output)
  })

  it.each([
    [{ orders: [{ lines: [] }] }, /orders\.0\.id: /],
    [{ orders: [{ id: null }] }, /orders\.0\.id: /],
    [{ orders: [{ id: 'a', lines: [['1']] }] }, /orders\.0\.lines\.0\.0: /],
  ])('is an error that names each path if it does not match: %j', (output, paths) => {
    const message = expect.stringMatching(paths)
    expect(() => jsonSchemaOf(orders).read(output)).toThrow(
      expect.objectContaining({ code: 'invalid-object', message }),
    )
  })
})
