import type { AIChatObjectEvent, AIChatObjectParams } from '@activepieces/pieces-common'
import { z } from 'zod'
import type { Check, Context, Mode } from '../check.ts'
import { equal, errorOf, fail, ok } from '../expect.ts'
import type { ReplyFixture } from '../protocols/protocol.ts'
import { sse } from '../targets/responses.ts'

/** Checks of structured output. */
export const OBJECT_CHECKS: readonly Check[] = [
  {
    name: 'J01 flat',
    needs: ['structuredOutput'],
    everywhere: true,
    run: async (context) => {
      const { vendor, encodeValue, modes, scripted } = context
      vendor.respondWith(encodeValue({ city: 'Paris', inhabitants: 2_100_000 }))
      for (const mode of modes) {
        const value = await objectOf(context, mode, CITY, 'Paris is a city of 2100000 inhabitants. Extract it.')
        equal(value.city, 'Paris', `${mode}: the city`)
        if (scripted) equal(value.inhabitants, 2_100_000, `${mode}: the inhabitants`)
      }
    },
  },
  {
    name: 'J02 nested',
    needs: ['structuredOutput'],
    run: (context) =>
      expectRoundTrip(context, z.object({ a: z.object({ b: z.array(z.object({ c: z.number() })) }) }), {
        a: { b: [{ c: 1 }, { c: 2.5 }] },
      }),
  },
  {
    name: 'J03 optional and nullable',
    needs: ['structuredOutput'],
    run: async (context) => {
      const schema = z.object({ here: z.string().optional(), gone: z.string().optional(), none: z.string().nullable() })
      await expectRoundTrip(context, schema, { here: 'yes', none: null })
    },
  },
  {
    name: 'J04 an array at the root',
    needs: ['structuredOutput'],
    run: (context) => expectRoundTrip(context, z.array(z.object({ n: z.number() })), [{ n: 1 }, { n: 2 }]),
  },
  {
    name: 'J05 the schema is sent',
    needs: ['structuredOutput'],
    run: async (context) => {
      const { vendor, encodeValue, sent, modes } = context
      for (const mode of modes) {
        vendor.respondWith(encodeValue({ city: 'Paris', inhabitants: 1 }))
        await objectOf(context, mode, CITY)
        ok(sent().decoded.schema, `${mode}: no schema is sent`)
        ok(sent().text.includes('inhabitants'), `${mode}: the schema sent lacks a property`)
      }
    },
  },
  { name: 'J06 a truncated value is a typed error', needs: ['structuredOutput'], run: truncatedValue },
  {
    name: 'J07 a refusal is surfaced',
    needs: ['structuredOutput'],
    applies: ({ protocol }) => !protocol.features.refusesInText,
    run: async (context) => {
      const { vendor, encodeReply, modes } = context
      for (const mode of modes) {
        vendor.respondWith(encodeReply({ refusal: 'I would rather not.' }))
        const error = await errorOf(() => objectOf(context, mode, CITY))
        equal(error.code, 'refused', `${mode}: the code`)
        ok(error.message.includes('rather not'), `${mode}: the model's refusal is not in the message`)
      }
    },
  },
  {
    name: 'J08 the value is validated and the error names the path',
    needs: ['structuredOutput'],
    run: async (context) => {
      const { vendor, encodeValue, modes } = context
      const schema = z.object({ city: z.object({ name: z.string().min(3), size: z.number() }) })
      for (const mode of modes) {
        vendor.respondWith(encodeValue({ city: { name: 'Paris', size: 'large' } }))
        const error = await errorOf(() => objectOf(context, mode, schema))
        equal(error.code, 'invalid-object', `${mode}: the code`)
        ok(error.message.includes('city.size'), `${mode}: the message does not name city.size: ${error.message}`)
      }
    },
  },
  {
    name: 'J08 a response that is not JSON is a typed error',
    needs: ['structuredOutput'],
    run: async (context) => {
      const { vendor, encodeReply, modes } = context
      for (const mode of modes) {
        vendor.respondWith(encodeReply({ text: 'Paris is large.' }))
        equal((await errorOf(() => objectOf(context, mode, CITY))).code, 'invalid-object', `${mode}: the code`)
      }
    },
  },
]

const CITY = z.object({ city: z.string(), inhabitants: z.number() })

function paramsOf<Value>({ model }: Context, schema: z.ZodType<Value>, content: string): AIChatObjectParams<Value> {
  return { model, schema, messages: [{ role: 'user', content }], retries: 0 }
}

/** Returns the value of `object`, or of the end event of `objectStream`. */
async function objectOf<Value>(
  context: Context,
  mode: Mode,
  schema: z.ZodType<Value>,
  content = 'Tell me.',
): Promise<Value> {
  const params = paramsOf(context, schema, content)
  if (mode === 'plain') return (await context.ai.chat.object(params)).object
  const events: AIChatObjectEvent<Value>[] = []
  for await (const event of context.ai.chat.objectStream(params)) events.push(event)
  const ends = events.flatMap((event) => (event.type === 'end' ? [event.object] : []))
  if (ends.length !== 1 || events.at(-1)?.type !== 'end') return fail(`the object stream has ${ends.length} end events`)
  // SAFETY: there is exactly one end event.
  return ends[0] as Value
}

async function expectRoundTrip<Value>(context: Context, schema: z.ZodType<Value>, value: Value): Promise<void> {
  const { vendor, encodeValue, modes } = context
  for (const mode of modes) {
    vendor.respondWith(encodeValue(value))
    equal(await objectOf(context, mode, schema), value, `${mode}: the value`)
  }
}

/** Expects an error for a value that is truncated by the token limit, or by the end of the connection. */
async function truncatedValue(context: Context): Promise<void> {
  const { vendor, encodeReply, modes, protocol, supports } = context
  const finish = Object.keys(protocol.finishReasons).find((word) => protocol.finishReasons[word] === 'length')
  for (const mode of modes) {
    vendor.respondWith((response, request) => {
      const forced = protocol.decodeRequest(request.body).toolChoice
      const half = '{"city":"Paris","inhabitants":21'
      const called = typeof forced === 'object' ? forced.tool : undefined
      const cut: ReplyFixture =
        called === undefined ? { text: half } : { toolCalls: [{ id: 'call_1', name: called, arguments: half }] }
      return encodeReply({ ...cut, ...(finish !== undefined && { finish }) })(response, request)
    })
    const { code } = await errorOf(() => objectOf(context, mode, CITY))
    ok(['truncated', 'invalid-tool-arguments', 'invalid-object'].includes(code), `${mode}: the code is ${code}`)
  }
  if (!supports('stream')) return
  vendor.respondWith((response, request) => {
    const forced = protocol.decodeRequest(request.body).toolChoice
    const text = '{"city":"Paris","inhabitants":21}'
    const called = typeof forced === 'object' ? forced.tool : undefined
    const encoded = protocol.encodeEvents(
      called === undefined ? { text } : { toolCalls: [{ id: 'call_1', name: called, arguments: text }] },
    )
    const index = encoded.findIndex((event) => event.includes('inhabitants'))
    return sse(encoded.slice(0, index + 1).join(''))(response, request)
  })
  const { code } = await errorOf(() => objectOf(context, 'stream', CITY))
  equal(code, 'truncated', 'the code of a complete value in a truncated stream')
}
