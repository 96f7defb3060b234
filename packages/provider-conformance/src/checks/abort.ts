import type { AIChatStreamEvent, AITimeout } from '@activepieces/pieces-common'
import { AIError } from '@activepieces/pieces-common'
import type { Check, Context, Mode } from '../check.ts'
import { equal, errorOf, fail, ok, outcomeOf, until, within } from '../expect.ts'
import { refusal, silence, sseInChunks, sseThenCut, sseThenSilence } from '../targets/responses.ts'

/** Checks of aborts, timeouts and retries. */
export const ABORT_CHECKS: readonly Check[] = [
  {
    name: 'A01 aborted before the call: no request',
    run: async ({ vendor, encodeReply, ask, modes }) => {
      for (const mode of modes) {
        vendor.respondWith(encodeReply({ text: 'Yes.' }))
        const outcome = await outcomeOf(() => ask(mode, { signal: AbortSignal.abort() }))
        expectAborted(outcome, mode)
        equal(vendor.requests.length, 0, `${mode}: the number of requests`)
      }
    },
  },
  {
    name: 'A02 aborted while waiting for headers',
    run: async (context) => {
      for (const mode of context.modes) {
        await bestOf(3, async () => {
          const { vendor, ask } = context
          vendor.respondWith(silence)
          const controller = new AbortController()
          const asked = outcomeOf(() => ask(mode, { signal: controller.signal }))
          await until(() => vendor.requests.length > 0, 2_000, 'no request was received')
          return await closesAfter(
            context,
            () => controller.abort(),
            async () => expectAborted(await asked, mode),
          )
        })
      }
    },
  },
  { name: 'A03 aborted mid-stream: the upstream socket closes', needs: ['stream'], run: abortedMidStream },
  {
    name: 'A03 leaving the loop closes the upstream socket',
    needs: ['stream'],
    run: async (context) => {
      const { vendor, protocol, ai, model } = context
      await bestOf(3, async () => {
        vendor.respondWith(
          sseThenSilence(
            protocol
              .encodeEvents({ text: ['One.', 'Two.'] })
              .slice(0, -2)
              .join(''),
          ),
        )
        const stream = ai.chat.stream({ ...HELLO, model })[Symbol.asyncIterator]()
        await within(stream.next(), 2_000, 'no event was received')
        return await closesAfter(
          context,
          () => void stream.return?.(),
          async () => {},
        )
      })
    },
  },
  { name: 'A04 no unhandled rejections', run: noUnhandledRejections },
  { name: 'A05 timeouts: connect, first token, idle, total, each named', run: timeoutsAreNamed },
  { name: 'A06 Retry-After in seconds, as a date, in milliseconds; capped', run: retryAfter },
  {
    name: 'A07 no retry after the first delivered byte',
    needs: ['stream'],
    run: async ({ vendor, protocol, ai, model }) => {
      const encoded = protocol.encodeEvents({ text: ['One.', 'Two.'] })
      const first = encoded.slice(0, encoded.findIndex((event) => event.includes('One.'.slice(0, 2))) + 1)
      vendor.respondWith(sseThenCut(first.join('')))
      const events: AIChatStreamEvent[] = []
      const outcome = await outcomeOf(async () => {
        for await (const event of ai.chat.stream({ ...HELLO, model, retries: 2 })) events.push(event)
      })
      equal(vendor.requests.length, 1, 'the number of requests')
      const end = events.at(-1)
      if (!(outcome instanceof AIError)) equal(end?.type === 'end' && end.completeness, 'truncated', 'the completeness')
      else ok(JSON.stringify(outcome.partial ?? '').includes('On'), 'the text received so far is lost')
    },
  },
  {
    name: 'A08 the next call works',
    run: async ({ vendor, encodeReply, ask, modes }) => {
      for (const mode of modes) {
        vendor.respondWith(silence)
        expectAborted(await outcomeOf(() => ask(mode, { signal: AbortSignal.timeout(30) })), mode)
        vendor.respondWith(encodeReply({ text: 'Back again.' }))
        equal((await ask(mode)).completion.choices[0]?.content, 'Back again.', `${mode}: the next text`)
      }
    },
  },
]

const HELLO = { messages: [{ role: 'user' as const, content: 'Hello' }], retries: 0 }

/** Fails unless the call was aborted. A plain call throws; a stream may also end with what it has received. */
function expectAborted(outcome: unknown, mode: Mode): void {
  if (outcome instanceof AIError) {
    equal(outcome.code, 'aborted', `${mode}: the code`)
    return
  }
  const events = typeof outcome === 'object' && outcome !== null ? Reflect.get(outcome, 'events') : undefined
  const end: unknown = Array.isArray(events) ? events.at(-1) : undefined
  const completeness: unknown = typeof end === 'object' && end !== null ? Reflect.get(end, 'completeness') : undefined
  if (mode === 'plain' || completeness !== 'aborted')
    fail(`${mode}: an aborted call returned a completion; expected the code aborted`)
}

/** Returns how many milliseconds after `act` the upstream socket closes. */
async function closesAfter({ vendor }: Context, act: () => void, then: () => Promise<void>): Promise<number> {
  const [request] = vendor.requests
  const began = performance.now()
  act()
  await within(then(), 2_000, 'the call does not end when aborted')
  await until(() => request?.closedAt !== undefined, 2_000, 'the upstream socket stays open')
  return (request?.closedAt ?? Number.POSITIVE_INFINITY) - began
}

/** Repeats a measurement, as the machine can be busy. One of the tries must take at most 100 ms. */
async function bestOf(tries: number, measure: () => Promise<number>): Promise<void> {
  const taken: number[] = []
  for (let left = tries; left > 0; left--) {
    taken.push(await measure())
    if (Math.min(...taken) <= 100) return
  }
  fail(`the upstream socket closes after ${taken.map(Math.round).join(', ')} ms; expected at most 100 ms`)
}

async function abortedMidStream(context: Context): Promise<void> {
  const { vendor, protocol, ai, model } = context
  const encoded = protocol.encodeEvents({ text: ['One.', 'Two.'] }).slice(0, -2)
  await bestOf(3, async () => {
    vendor.respondWith(sseThenSilence(encoded.join('')))
    const controller = new AbortController()
    const events: AIChatStreamEvent[] = []
    const asked = (async () => {
      for await (const event of ai.chat.stream({ ...HELLO, model, signal: controller.signal })) events.push(event)
    })()
    asked.catch(() => undefined) // awaited below
    await until(() => events.length > 0, 2_000, 'no event was received')
    const ms = await closesAfter(
      context,
      () => controller.abort(),
      () => asked,
    )
    const ends = events.filter((event) => event.type === 'end')
    equal(ends.length, 1, 'the number of end events')
    const [end] = ends
    equal(end?.completeness, 'aborted', 'the completeness')
    ok(end?.completion.choices[0]?.content.startsWith('One.'.slice(0, 2)), 'the text received so far is lost')
    return ms
  })
}

async function noUnhandledRejections({ vendor, protocol, ask, error, modes }: Context): Promise<void> {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  try {
    for (const mode of modes) {
      for (const respond of [
        silence,
        sseThenSilence(protocol.encodeEvents({ text: 'One.' })[0] ?? ''),
        refusal(error('server')),
      ]) {
        vendor.respondWith(respond)
        await outcomeOf(() => ask(mode, { signal: AbortSignal.timeout(20) }))
      }
      vendor.respondWith(silence)
      await outcomeOf(() => ask(mode, { timeout: { total: 20 } }))
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  } finally {
    process.off('unhandledRejection', listen)
  }
  ok(unhandled.length === 0, `${unhandled.length} rejections are unhandled: ${String(unhandled[0])}`)
}

async function timeoutsAreNamed({ vendor, protocol, ask, supports, modes }: Context): Promise<void> {
  const encoded = protocol.encodeEvents({ text: ['One.', 'Two.'] }).slice(0, -2)
  const streamed = supports('stream') ? (['stream'] as const) : []
  const stillHere = Array.from({ length: 8 }, () => ': still here\n\n') // protocols differ in their number of events
  const cases = [
    { limit: 'connect', respond: silence, in: modes },
    { limit: 'total', respond: silence, in: modes },
    { limit: 'firstToken', respond: sseThenSilence(''), in: streamed },
    { limit: 'idle', respond: sseThenSilence(encoded.join('')), in: streamed },
    { limit: 'total', respond: sseInChunks([...encoded, ...stillHere], 30), in: streamed },
  ] satisfies { limit: keyof AITimeout; respond: unknown; in: readonly Mode[] }[]
  for (const { limit, respond, in: inModes } of cases) {
    for (const mode of inModes) {
      vendor.respondWith(respond)
      const asked = errorOf(() => ask(mode, { timeout: { [limit]: 60 } }), `${mode} with timeout.${limit}`)
      const error = await within(asked, 3_000, `${mode}: timeout.${limit} does not end the call`)
      equal(error.code, 'timeout', `${mode}: the code of ${limit}`)
      ok(
        error.parameter === `timeout.${limit}`,
        `${mode}: the error names ${error.parameter}; expected timeout.${limit}`,
      )
    }
  }
}

async function retryAfter({ vendor, error, ask, encodeReply, modes }: Context): Promise<void> {
  const rateLimit = error('too fast')
  const inFive = new Date(Date.now() + 5_000).toUTCString()
  const headers: [Record<string, string>, number, number][] = [
    [{ 'retry-after': '7' }, 7, 7],
    [{ 'retry-after': inFive }, 0.5, 5.1],
    [{ 'retry-after-ms': '250' }, 0.25, 0.25],
  ]
  for (const mode of modes) {
    for (const [header, least, most] of headers) {
      vendor.respondWith(refusal(rateLimit, header))
      const { retryAfter: seconds = Number.NaN } = await errorOf(() => ask(mode))
      ok(seconds >= least && seconds <= most, `${mode}: ${JSON.stringify(header)} is read as ${seconds} seconds`)
    }
    vendor.respondWith(refusal(rateLimit, { 'retry-after': '3600' }), encodeReply({ text: 'Yes.' }))
    await within(
      errorOf(() => ask(mode, { retries: 2 })),
      3_000,
      `${mode}: the call waits for an hour`,
    )
    equal(vendor.requests.length, 1, `${mode}: the number of requests if the vendor asks for an hour`)
  }
}
