import { type AIChatStreamEvent, AIError } from '@activepieces/pieces-common'
import { after, refusal, reset, silence, sseInPieces, sseThenCut, sseThenSilence, text } from '../answers.ts'
import type { Check, Context } from '../check.ts'
import { equal, errorOf, ok, outcomeOf, within } from '../expect.ts'
import type { Answer } from '../hostile-server.ts'

const SOON = { 'retry-after-ms': '5' }

/** The fault wall: the vendor or the way to it fails. */
export const FAULT_CHECKS: readonly Check[] = [
  { name: 'F 429 once', run: (context) => passes(context, [refusing(context, 'too fast')]) },
  { name: 'F 429 always', run: always },
  { name: 'F 500 once', run: (context) => passes(context, [refusing(context, 'server')]) },
  { name: 'F 503 once', run: (context) => passes(context, [text('Service Unavailable', 503, SOON)]) },
  { name: 'F reset before headers', run: (context) => passes(context, [reset]) },
  {
    name: 'F flapping',
    run: (context) => passes(context, [refusing(context, 'server'), refusing(context, 'too fast')]),
  },
  {
    name: 'F no response',
    run: async ({ vendor, ask, modes }) => {
      vendor.answerWith(silence)
      for (const mode of modes) {
        const asked = errorOf(() => ask(mode, { timeout: { connect: 50 } }))
        equal((await within(asked, 3_000, `${mode}: it hangs`)).code, 'timeout', `${mode}: the code`)
      }
    },
  },
  {
    name: 'F nobody listens',
    run: async ({ vendor, ask, modes }) => {
      await vendor.close()
      for (const mode of modes) {
        equal((await errorOf(() => ask(mode))).code, 'unreachable', `${mode}: the code`)
      }
    },
  },
  {
    name: 'F slow first token',
    run: async ({ vendor, say, ask, modes }) => {
      vendor.answerWith(after(150, say({ text: 'Yes.', usage: { prompt: 37, completion: 11 } })))
      for (const mode of modes) {
        const { completion } = await ask(mode)
        equal(completion.choices[0]?.content, 'Yes.', `${mode}: the text`)
        equal(completion.usage.totalTokens, 48, `${mode}: the total of tokens`)
      }
    },
  },
  { name: 'F cut in the middle, at two depths', needs: ['stream'], run: cutMidway },
  {
    name: 'F stall',
    needs: ['stream'],
    run: async ({ vendor, wire, ask }) => {
      vendor.answerWith(
        sseThenSilence(
          wire
            .events({ text: ['One.', 'Two.'] })
            .slice(0, -2)
            .join(''),
        ),
      )
      const error = await within(
        errorOf(() => ask('stream', { timeout: { idle: 60 } })),
        3_000,
        'it hangs',
      )
      equal([error.code, error.parameter], ['timeout', 'timeout.idle'], 'the code and the limit')
      ok(JSON.stringify(error.partial ?? '').includes('On'), 'the text that had come is lost')
    },
  },
  {
    name: 'F malformed chunk',
    needs: ['stream'],
    run: async ({ vendor, wire, ask }) => {
      const said = wire.events({ text: ['One.', 'Two.'] })
      const middle = said.length - 2
      vendor.answerWith(sseInPieces([...said.slice(0, middle), 'data: {"choices":[{"delt\n\n', ...said.slice(middle)]))
      const error = await errorOf(() => ask('stream'))
      equal(error.code, 'invalid-reply', 'the code')
      ok(JSON.stringify(error.partial ?? '').includes('On'), 'the text that had come is lost')
    },
  },
  {
    name: 'F a plain reply that is cut',
    run: async ({ vendor, wire, ask }) => {
      const body = JSON.stringify(wire.plain({ text: 'Yes.' }))
      vendor.answerWith((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
        response.write(body.slice(0, 40), () => response.socket?.resetAndDestroy())
      })
      const error = await within(
        errorOf(() => ask('plain')),
        3_000,
        'it hangs',
      )
      equal(error.code, 'interrupted', 'the code')
    },
  },
]

const HELLO = { messages: [{ role: 'user' as const, content: 'Hello' }] }

function refusing({ error }: Context, kind: 'too fast' | 'server'): Answer {
  return refusal(error(kind), SOON)
}

/** The call works in spite of these faults, and its tokens are counted once. */
async function passes(context: Context, faults: readonly Answer[]): Promise<void> {
  const { vendor, say, ask, modes } = context
  for (const mode of modes) {
    vendor.answerWith(...faults, say({ text: 'Yes.', usage: { prompt: 37, completion: 11 } }))
    const { completion, events } = await ask(mode, { retries: 2 })
    equal(completion.choices[0]?.content, 'Yes.', `${mode}: the text`)
    equal(vendor.requests.length, faults.length + 1, `${mode}: the number of requests`)
    equal(new Set(vendor.requests.map((request) => request.text)).size, 1, `${mode}: the number of different requests`)
    equal(completion.usage.totalTokens, 48, `${mode}: the total of tokens`)
    const said = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
    if (mode === 'stream') equal(said, 'Yes.', 'the deltas joined')
  }
}

async function always(context: Context): Promise<void> {
  const { vendor, ask, modes } = context
  for (const mode of modes) {
    vendor.answerWith(refusing(context, 'too fast'))
    const error = await errorOf(() => ask(mode, { retries: 2 }))
    equal(error.code, 'rate-limit', `${mode}: the code`)
    equal(vendor.requests.length, 3, `${mode}: the number of requests with two retries`)
  }
}

async function cutMidway({ vendor, wire, ai, model }: Context): Promise<void> {
  const said = wire.events({ text: ['One.', 'Two.', 'Three.'] })
  for (const depth of [Math.ceil(said.length / 2), said.length - 1]) {
    vendor.answerWith(sseThenCut(said.slice(0, depth).join('')))
    const events: AIChatStreamEvent[] = []
    const outcome = await outcomeOf(async () => {
      for await (const event of ai.chat.stream({ ...HELLO, model, retries: 0 })) events.push(event)
    })
    const end = events.at(-1)
    const complete = end?.type === 'end' && end.completeness === 'complete'
    ok(!complete, `a stream that was cut after ${depth} of ${said.length} events passes for whole`)
    if (outcome instanceof AIError) ok(outcome.partial !== undefined, 'what had come is lost')
    else ok(end?.type === 'end', 'the stream has no end')
  }
}
