import { type AIChatMessage, AIError, type AITool, type AIToolChoice } from '@activepieces/pieces-common'
import { z } from 'zod'
import type { Check, Context } from '../check.ts'
import { equal, errorOf, ok, outcomeOf } from '../expect.ts'
import type { ToolCallFixture } from '../protocols/protocol.ts'
import { objectAt } from '../targets/fake-vendor.ts'
import { sse } from '../targets/responses.ts'
import { PNG } from './files.ts'

/** Checks of tool calls and their results. */
export const TOOL_CHECKS: readonly Check[] = [
  {
    name: 'T01 one tool call',
    needs: ['tools'],
    everywhere: true,
    run: async ({ vendor, encodeReply, ask, sent, modes, scripted }) => {
      vendor.respondWith(
        encodeReply({ toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }] }),
      )
      for (const mode of modes) {
        const { completion, events } = await ask(mode, { ...WEATHER, toolChoice: { tool: 'get_weather' } })
        const [tool] = sent().decoded.tools
        equal(tool?.['name'], 'get_weather', `${mode}: the tool name sent`)
        equal(
          objectAt(objectAt(tool ?? {}, 'parameters'), 'properties')['city'] !== undefined,
          true,
          'the parameter is sent',
        )
        equal(completion.toolCalls.length, 1, `${mode}: the number of tool calls`)
        const [call] = completion.toolCalls
        equal(call?.name, 'get_weather', `${mode}: the name`)
        equal(Reflect.get(Object(call?.arguments), 'city'), 'Paris', `${mode}: the city`)
        equal(completion.choices[0]?.toolCalls, completion.toolCalls, `${mode}: the calls of the first choice`)
        if (scripted) equal(call?.id, 'call_1', `${mode}: the id`)
        if (mode === 'plain') continue
        const whole = events.flatMap((event) => (event.type === 'tool-call' ? [event.toolCall] : []))
        equal(whole, completion.toolCalls, 'the tool-call events')
      }
    },
  },
  {
    name: 'T01 the finish reason is tool-calls whatever the vendor reports',
    needs: ['tools'],
    run: async ({ vendor, encodeReply, ask, modes, protocol }) => {
      for (const [finish, meaning] of Object.entries(protocol.finishReasons)) {
        if (meaning !== 'stop' && meaning !== 'tool-calls') continue
        vendor.respondWith(encodeReply({ finish, toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: '{}' }] }))
        for (const mode of modes) {
          equal(
            (await ask(mode, WEATHER)).completion.finishReason,
            'tool-calls',
            `${mode}: the finish reason of "${finish}"`,
          )
        }
      }
    },
  },
  { name: 'T02 parallel calls, in order', needs: ['tools'], run: (context) => expectToolCalls(context, PARALLEL) },
  { name: 'T03 arguments streamed in parts', needs: ['tools', 'stream'], run: argumentsInParts },
  {
    name: 'T04 calls without an index',
    needs: ['tools'],
    applies: ({ protocol }) => protocol.features.callsWithoutIndex,
    run: (context) => expectToolCalls(context, PARALLEL, { withoutIndex: true }),
  },
  { name: 'T05 missing or repeated ids are made unique', needs: ['tools'], run: idsAreUnique },
  {
    name: 'T06 a call without arguments has {}',
    needs: ['tools'],
    run: async ({ vendor, encodeReply, ask, modes }) => {
      for (const text of ['', '{}']) {
        vendor.respondWith(encodeReply({ toolCalls: [{ id: 'call_1', name: 'now', arguments: text }] }))
        for (const mode of modes) {
          const { completion } = await ask(mode, { tools: [{ name: 'now' }] })
          equal(completion.toolCalls[0]?.arguments, {}, `${mode}: the arguments of "${text}"`)
        }
      }
    },
  },
  { name: 'T07 tool choice auto, any, none, named', needs: ['tools'], run: toolChoices },
  { name: 'T08 results are sent: text, list, image, error', needs: ['tools'], run: resultsAreSent },
  {
    name: 'T09 ids of 400 characters and with special characters',
    needs: ['tools'],
    run: async ({ vendor, encodeReply, ask, sent, modes }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      const ids = [`${'x'.repeat(399)}1`, `${'x'.repeat(399)}2`, 'odd: é/☃ id']
      const calls = ids.map((id) => ({ id, name: 'get_weather', arguments: { city: 'Paris' } }))
      const results = ids.map((id, index) => ({ role: 'tool' as const, toolCallId: id, content: `result ${index}` }))
      const messages: AIChatMessage[] = [
        ...WEATHER.messages,
        { role: 'assistant', content: '', toolCalls: calls },
        ...results,
      ]
      for (const mode of modes) {
        await ask(mode, { ...WEATHER, messages })
        const { decoded } = sent()
        const actual = decoded.calls.map(({ id }) => id)
        ok(
          actual.every((id) => /^[\w-]{1,64}$/.test(id)),
          'an id is sent that vendors reject',
        )
        equal(new Set(actual).size, 3, 'the number of different ids')
        equal(
          decoded.results.map(({ id }) => id),
          actual,
          'the ids of the results',
        )
      }
    },
  },
  {
    name: 'T10 a tool call without a result is rejected before the call',
    needs: ['tools'],
    run: async ({ vendor, encodeReply, ask, modes }) => {
      const toolCalls = [{ id: 'call_1', name: 'get_weather', arguments: {} }]
      const messages: AIChatMessage[] = [
        ...WEATHER.messages,
        { role: 'assistant', content: '', toolCalls },
        ...WEATHER.messages,
      ]
      for (const mode of modes) {
        vendor.respondWith(encodeReply({ text: 'Yes.' }))
        const error = await errorOf(() => ask(mode, { ...WEATHER, messages }))
        equal(error.code, 'invalid-request', `${mode}: the code`)
        ok(
          error.parameter?.includes('toolCalls'),
          `${mode}: the error names ${error.parameter}; expected the tool call`,
        )
        equal(vendor.requests.length, 0, `${mode}: the number of requests`)
      }
    },
  },
  {
    name: 'T11 arguments that are not JSON are a typed error with the raw text',
    needs: ['tools'],
    applies: ({ protocol }) => !protocol.features.argumentsAsJson,
    run: async ({ vendor, encodeReply, ask, modes, protocol }) => {
      for (const mode of modes) {
        if (mode === 'plain' && !protocol.features.argumentsAsText) continue
        vendor.respondWith(
          encodeReply({ toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":Paris' }] }),
        )
        const error = await errorOf(() => ask(mode, WEATHER))
        equal(error.code, 'invalid-tool-arguments', `${mode}: the code`)
        ok(error.message.includes('{"city":Paris'), `${mode}: the raw text is not in the message`)
      }
    },
  },
  {
    name: 'T11 a truncated tool call is dropped',
    needs: ['tools', 'stream'],
    run: async ({ vendor, protocol, ask }) => {
      const encoded = protocol.encodeEvents({
        toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: ['{"ci', 'ty":"Paris"}'] }],
      })
      const cut = encoded.findIndex((event) => event.includes('ty\\":') || event.includes('ty":'))
      vendor.respondWith(sse(encoded.slice(0, cut).join('')))
      const outcome = await outcomeOf(() => ask('stream', WEATHER))
      if (outcome instanceof AIError) return
      equal(outcome.completion.toolCalls, [], 'the tool calls of a stream that ends inside one')
      const last = outcome.events.at(-1)
      equal(last?.type === 'end' && last.completeness, 'truncated', 'the completeness')
    },
  },
  {
    name: 'T12 a schema that no vendor accepts is rejected before the call',
    needs: ['tools'],
    run: async ({ vendor, encodeReply, ask, modes }) => {
      for (const mode of modes) {
        for (const parameters of [
          { type: 'string' },
          { anyOf: [{ type: 'object' }, { type: 'null' }] },
          z.array(z.string()),
        ]) {
          vendor.respondWith(encodeReply({ text: 'Yes.' }))
          const error = await errorOf(() => ask(mode, { ...WEATHER, tools: [{ name: 'odd', parameters }] }))
          equal(error.code, 'invalid-request', `${mode}: the code`)
          ok(error.parameter?.includes('tools[0].parameters'), `${mode}: the error names ${error.parameter}`)
          equal(vendor.requests.length, 0, `${mode}: the number of requests`)
        }
      }
    },
  },
]

const TOOLS: AITool[] = [
  { name: 'get_weather', description: 'The weather in a city.', parameters: z.object({ city: z.string() }) },
]
const WEATHER = {
  messages: [{ role: 'user' as const, content: 'What is the weather in Paris? Use the tool with the city "Paris".' }],
  tools: TOOLS,
}
const PARALLEL: readonly ToolCallFixture[] = [
  { id: 'call_1', name: 'get_weather', arguments: ['{"city":', '"Paris"}'] },
  { id: 'call_2', name: 'get_weather', arguments: ['{"city":', '"Rome"}'] },
  { id: 'call_3', name: 'get_weather', arguments: '{"city":"Oslo"}' },
]

async function expectToolCalls(
  { vendor, encodeReply, ask, modes }: Context,
  fixtures: readonly ToolCallFixture[],
  rest: { withoutIndex?: true } = {},
) {
  const expected = fixtures.map((call) => ({
    id: call.id,
    name: call.name,
    arguments: JSON.parse([call.arguments].flat().join('')) as unknown,
  }))
  for (const mode of modes) {
    vendor.respondWith(encodeReply({ toolCalls: fixtures, ...rest }))
    const { completion, events } = await ask(mode, WEATHER)
    equal(completion.toolCalls, expected, `${mode}: the tool calls`)
    const whole = events.flatMap((event) => (event.type === 'tool-call' ? [event.toolCall] : []))
    if (mode === 'stream') equal(whole, expected, 'the tool-call events')
  }
}

async function argumentsInParts({ vendor, encodeReply, ask }: Context): Promise<void> {
  vendor.respondWith(encodeReply({ toolCalls: PARALLEL }))
  const { events } = await ask('stream', WEATHER)
  const parts = new Map<number, { id: string; name: string; text: string }>()
  for (const event of events) {
    if (event.type !== 'tool-call-delta') continue
    const { index, id, name } = event
    parts.set(index, { id, name, text: `${parts.get(index)?.text ?? ''}${event.arguments}` })
  }
  const expected = PARALLEL.map((call, index) => [
    index,
    { id: call.id, name: call.name, text: [call.arguments].flat().join('') },
  ])
  equal(
    [...parts].sort(([a], [b]) => a - b),
    expected,
    'the call deltas joined by index',
  )
}

async function idsAreUnique({ vendor, encodeReply, ask, modes, protocol }: Context): Promise<void> {
  const one = { name: 'get_weather', arguments: '{"city":"Paris"}' }
  const repeated = [
    { ...one, id: 'same' },
    { ...one, id: 'same' },
  ]
  for (const toolCalls of protocol.features.callsWithoutId ? [[one, one], repeated] : [repeated]) {
    vendor.respondWith(encodeReply({ toolCalls }))
    for (const mode of modes) {
      const { completion } = await ask(mode, WEATHER)
      equal(completion.toolCalls.length, 2, `${mode}: the number of tool calls`)
      const ids = completion.toolCalls.map(({ id }) => id)
      ok(
        !ids.includes('') && new Set(ids).size === 2,
        `${mode}: the ids are ${ids.join(', ')}; expected two different ids`,
      )
    }
  }
}

async function toolChoices({
  vendor,
  encodeReply,
  ask,
  sent,
  modes,
  modelAccepting,
  protocol,
}: Context): Promise<void> {
  vendor.respondWith(encodeReply({ text: 'Yes.' }))
  const choices: AIToolChoice[] = ['auto', 'any', 'none', { tool: 'get_weather' }]
  const tools: AITool[] = [...TOOLS, { name: 'get_time', parameters: z.object({ city: z.string() }) }]
  for (const mode of modes) {
    for (const toolChoice of choices) {
      await ask(mode, { ...WEATHER, tools, model: modelAccepting('toolChoice'), toolChoice })
      const single = typeof toolChoice === 'object' && protocol.features.lacksNamedToolChoice
      equal(sent().decoded.toolChoice, single ? 'any' : toolChoice, `${mode}: the tool choice sent`)
      if (toolChoice === 'none') continue // some protocols do not have `none`: then no tools are sent
      const names = sent().decoded.tools.map(({ name }) => name)
      equal(
        names,
        single ? ['get_weather'] : ['get_weather', 'get_time'],
        `${mode}: the tools sent with the tool choice`,
      )
    }
    const model = modelAccepting('parallelToolCalls')
    await ask(mode, { ...WEATHER, model, parallelToolCalls: true })
    ok(sent().decoded.parallel !== false, `${mode}: parallelToolCalls true is sent as false`)
    const { completion } = await ask(mode, { ...WEATHER, model, parallelToolCalls: false })
    const warned = completion.warnings.some(({ parameter }) => parameter === 'parallelToolCalls')
    ok(warned || sent().decoded.parallel === false, `${mode}: parallelToolCalls false is dropped without a warning`)
    await ask(mode, WEATHER)
    const choice = sent().decoded.toolChoice
    ok(choice === undefined || choice === 'auto', `${mode}: without a tool choice, ${JSON.stringify(choice)} is sent`)
  }
}

async function resultsAreSent({ vendor, encodeReply, ask, sent, modes, supports }: Context): Promise<void> {
  vendor.respondWith(encodeReply({ text: 'Yes.' }))
  const toolCalls = ['a', 'b', 'c'].map((id) => ({ id, name: 'get_weather', arguments: { city: id } }))
  const image = { type: 'image' as const, image: { base64: PNG, mediaType: 'image/png' } }
  const messages: AIChatMessage[] = [
    ...WEATHER.messages,
    { role: 'assistant', content: 'I look.', toolCalls },
    { role: 'tool', toolCallId: 'a', content: 'Sunny.' },
    {
      role: 'tool',
      toolCallId: 'b',
      content: [{ type: 'text', text: 'A picture:' }, ...(supports('imageBase64') ? [image] : [])],
    },
    { role: 'tool', toolCallId: 'c', content: 'The station burned down.', isError: true },
  ]
  for (const mode of modes) {
    await ask(mode, { ...WEATHER, messages })
    const { decoded } = sent()
    const withoutIds = ({ name, arguments: args }: { name: string; arguments: unknown }) => ({ name, args })
    equal(decoded.calls.map(withoutIds), toolCalls.map(withoutIds), `${mode}: the calls sent`)
    const ids = decoded.calls.map(({ id }) => id) // some vendors require their own id format
    equal(new Set(ids).size, 3, `${mode}: the number of different ids`)
    equal(
      decoded.results.map(({ id }) => id),
      ids,
      `${mode}: the ids of the results`,
    )
    const [first, second, third] = decoded.results
    equal(first?.text, 'Sunny.', `${mode}: the first result`)
    ok(second?.text.includes('A picture:'), `${mode}: the text of the second result is lost`)
    ok(third?.text.includes('burned down') && third.failed, `${mode}: the error of the third tool is not sent`)
    equal([first?.failed, second?.failed], [false, false], `${mode}: whether the others failed`)
    if (supports('imageBase64'))
      ok(
        decoded.images.some((sent) => sent.includes(PNG)),
        `${mode}: the picture is lost`,
      )
  }
}
