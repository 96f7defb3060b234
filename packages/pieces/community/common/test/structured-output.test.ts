import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createAI } from '../src/lib/ai/runtime/create-ai.ts'
import { createPartialJson } from '../src/lib/ai/runtime/partial-json.ts'
import {
  ASK,
  chatCompletion,
  chunk,
  collect,
  DONE,
  json,
  message,
  sse,
  thrownBy,
  useVendor,
  type Vendor,
} from './vendor.ts'

const vendor = await useVendor()

const person = z.object({
  name: z.string().min(2),
  nick: z.string().optional(),
  born: z.number().nullable(),
  tags: z.array(z.object({ label: z.string() })),
})
const alice = { name: 'Alice', born: null, tags: [{ label: 'a' }] }
const answer = (value: unknown, rest = {}) => json(chatCompletion({ content: JSON.stringify(value) }, rest))
const ask = (schema = person) => vendor.openai().chat.object({ ...ASK, schema, name: 'person' })

describe('chat.object on OpenAI', () => {
  it("uses the vendor's structured output and gives a validated value (J01–J03)", async () => {
    vendor.answerWith(answer({ ...alice, nick: null }))
    const { object, completion } = await ask()
    expect(object).toEqual(alice) // the null that stands for "absent" is gone, the one that was asked for is not
    expect(completion.usage.totalTokens).toBe(13)
    const format = vendor.requests[0]?.body['response_format']
    expect(format).toMatchObject({
      type: 'json_schema',
      json_schema: {
        name: 'person',
        strict: true,
        schema: { additionalProperties: false, required: ['name', 'nick', 'born', 'tags'] },
      },
    })
    expect(JSON.stringify(format)).not.toContain('minLength')
  })

  it('wraps a root that is not an object', async () => {
    vendor.answerWith(answer({ value: ['a', 'b'] }))
    const { object } = await vendor.openai().chat.object({ ...ASK, schema: z.array(z.string()) })
    expect(object).toEqual(['a', 'b'])
  })

  it('takes a JSON schema, and leaves maps with free keys out of strict mode', async () => {
    vendor.answerWith(answer({ anything: 1 }))
    const schema = { type: 'object', additionalProperties: { type: 'number' } }
    expect((await vendor.openai().chat.object({ ...ASK, schema })).object).toEqual({ anything: 1 })
    expect(vendor.requests[0]?.body['response_format']).toMatchObject({ json_schema: { strict: false } })
  })

  it.each([
    [
      'does not fit, naming each path (J08)',
      answer({ ...alice, name: 'A', tags: [{ label: 7 }] }),
      'invalid-object',
      /name: .*; tags\.0\.label: /,
    ],
    [
      'is half a value (J06)',
      json(
        chatCompletion({}, { choices: [{ index: 0, message: { content: '{"name":"Al' }, finish_reason: 'length' }] }),
      ),
      'truncated',
      /reached the maximum/,
    ],
    ['is a refusal (J07)', json(chatCompletion({ content: null, refusal: 'I cannot.' })), 'refused', /I cannot\./],
    ['is not JSON', json(chatCompletion({ content: 'Here you are!' })), 'invalid-object', /not JSON: Here you are!/],
  ])('an answer that %s is a typed error', async (_what, reply, code, words) => {
    vendor.answerWith(reply)
    const error = await thrownBy(() => ask())
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) })
  })

  it('streams partial objects, then the whole one', async () => {
    const text = JSON.stringify({ ...alice, nick: null })
    const pieces = text.match(/.{1,7}/g) ?? []
    vendor.answerWith(
      sse([
        ...pieces.map((content) => chunk({ content })),
        chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
        DONE,
      ]),
    )
    const events = await collect(vendor.openai().chat.objectStream({ ...ASK, schema: person }))
    expect(events.filter((event) => event.type === 'end')).toMatchObject([{ object: alice }])
    expect(events.slice(0, -1).every((event) => event.type === 'partial-object')).toBe(true)
    expect(events.length).toBeGreaterThan(4)
  })

  it('a stream that breaks off is an error, never half an object', async () => {
    vendor.answerWith(sse([chunk({ content: '{"name":"Alice","born":null,"tags":[]}' })]))
    expect(await thrownBy(() => collect(vendor.openai().chat.objectStream({ ...ASK, schema: person })))).toMatchObject({
      code: 'truncated',
    })
  })
})

describe('chat.object elsewhere', () => {
  it("uses Anthropic's structured output", async () => {
    vendor.answerWith(json(message([{ type: 'text', text: JSON.stringify(alice) }])))
    const { object } = await vendor.anthropic().chat.object({ ...ASK, schema: person })
    expect(object).toEqual(alice)
    expect(vendor.requests[0]?.body).toMatchObject({
      output_config: { format: { type: 'json_schema', schema: { additionalProperties: false } } },
    })
  })

  it('forces a tool where the provider has none of its own, the ten-line one too (M6)', async () => {
    const seen: unknown[] = []
    const toy = createAI(
      {
        provider: 'TOY',
        chat: {
          text: async (params) => {
            seen.push(params)
            return { choices: [{ content: '' }], toolCalls: [{ id: '1', name: 'answer', arguments: alice }] }
          },
        },
      },
      'toy',
    )
    expect((await toy.chat.object({ ...ASK, schema: person })).object).toEqual(alice)
    expect(seen[0]).toMatchObject({
      tools: [{ name: 'answer', parameters: { type: 'object' } }],
      toolChoice: { tool: 'answer' },
    })
  })

  it('says what came when the model answers in prose', async () => {
    const toy = createAI(
      { provider: 'TOY', chat: { text: async () => ({ choices: [{ content: 'Well, Alice …' }] }) } },
      'toy',
    )
    const error = await thrownBy(() => toy.chat.object({ ...ASK, schema: person }))
    expect(error).toMatchObject({
      code: 'invalid-object',
      message: 'The model answered with text instead of calling "answer": Well, Alice …',
    })
  })

  it('wants a schema', async () => {
    // SAFETY: wrong on purpose.
    const params = { ...ASK } as unknown as Parameters<ReturnType<Vendor['openai']>['chat']['object']>[0]
    expect(await thrownBy(() => vendor.openai().chat.object(params))).toMatchObject({
      code: 'invalid-request',
      parameter: 'schema',
    })
  })
})

describe('createPartialJson', () => {
  const pushAll = (...texts: string[]) => {
    const json = createPartialJson()
    return texts.map((text) => json.push(text))
  }

  it.each([
    ['{"a":[1,{"b":"x', { a: [1, { b: 'x' }] }],
    ['{"a":[1,{"b":"x"},tr', { a: [1, { b: 'x' }] }],
    ['{"a":1,"b', { a: 1 }],
    ['["\\ud83d', ['']],
    ['{"__proto__":{"a":1}', JSON.parse('{"__proto__":{"a":1}}')],
    ['', undefined],
    ['Sure! {"a"', undefined],
    ['[1}', [1]],
  ])('reads %s', (text, value) => {
    expect(pushAll(text)).toEqual([value])
  })

  it('reads any JSON cut anywhere, and never changes a value that it has returned', () => {
    const texts = fc.json({ maxDepth: 4, stringUnit: 'binary' })
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (text, sizes) => {
        const json = createPartialJson()
        const seen: [value: unknown, printed: string | undefined][] = []
        for (let at = 0, index = 0; at < text.length; index++) {
          const size = sizes[index % sizes.length] ?? 1
          const value = json.push(text.slice(at, at + size))
          if (value !== seen.at(-1)?.[0]) seen.push([value, JSON.stringify(value)])
          at += size
        }
        expect(seen.at(-1)?.[0]).toStrictEqual(JSON.parse(text))
        expect(seen.map(([value]) => JSON.stringify(value))).toEqual(seen.map(([, printed]) => printed))
        expect(new Set(seen.map(([, printed]) => printed)).size).toBe(seen.length)
      }),
      { numRuns: 500 },
    )
  })
})
