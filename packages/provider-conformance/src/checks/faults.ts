import { FAULTS, type Fault } from '@activepieces/contract'
import { type AIChatStreamEvent, AIError } from '@activepieces/pieces-common'
import type { Check, Context } from '../check.ts'
import { equal, errorOf, ok, outcomeOf, within } from '../expect.ts'
import type { Responder } from '../targets/fake-vendor.ts'
import { after, refusal, reset, silence, sseInPieces, sseThenCut, sseThenSilence, text } from '../targets/responses.ts'

const SOON = { 'retry-after-ms': '5' }
const COMPLETE_REPLY = { text: 'Yes.', usage: { prompt: 37, completion: 11 } }

/** The checks of each fault of the wall. */
const CHECKS_BY_FAULT: Readonly<Record<Fault, readonly Check[]>> = {
  '429': [
    { name: 'F 429 once', run: (context) => passes(context, ['429']) },
    { name: 'F 429 always', run: always },
  ],
  '500': [{ name: 'F 500 once', run: (context) => passes(context, ['500']) }],
  '503': [{ name: 'F 503 once', run: (context) => passes(context, ['503']) }],
  reset: [{ name: 'F reset before headers', run: (context) => passes(context, ['reset']) }],
  'no-response': [{ name: 'F no response', run: neverAnswered }],
  'nobody-listens': [{ name: 'F nobody listens', run: nobodyThere }],
  'slow-first-token': [{ name: 'F slow first token', run: late }],
  cut: [
    { name: 'F cut in the middle, at two depths', needs: ['stream'], run: cutMidway },
    { name: 'F a plain reply that is cut', run: cutPlain },
  ],
  stall: [{ name: 'F stall', needs: ['stream'], run: stalled }],
  malformed: [{ name: 'F malformed chunk', needs: ['stream'], run: malformed }],
}

/** The fault wall: the vendor or the way to it fails. */
export const FAULT_CHECKS: readonly Check[] = [
  ...Object.values(CHECKS_BY_FAULT).flat(),
  { name: 'F flapping', run: (context) => passes(context, ['500', '429']) },
]

const HELLO = { messages: [{ role: 'user' as const, content: 'Hello' }] }

// ---- a vendor that has the fault

function faulty(context: Context, fault: Exclude<Fault, 'nobody-listens'>): Responder {
  const { act } = FAULTS[fault]
  const encoded = context.protocol.encodeEvents({ text: ['One.', 'Two.'] })
  switch (act.type) {
    case 'refuse':
      return refusing(context, act.status)
    case 'close':
      return reset
    case 'silence':
      return silence
    case 'delay':
      return after(150, context.encodeReply(COMPLETE_REPLY))
    case 'damage':
      return damaged(encoded, encoded.length - 2, act.after)
  }
}

/** As the protocol says it; a vendor that is not available is most often a machine before it. */
function refusing({ error }: Context, status: 429 | 500 | 503): Responder {
  if (status === 503) return text('Service Unavailable', status, SOON)
  return refusal(error(status === 429 ? 'too fast' : 'server'), SOON)
}

/** A stream that goes wrong after so many of its pieces. */
function damaged(
  encoded: readonly string[],
  depth: number,
  next: (typeof FAULTS)['cut' | 'stall' | 'malformed']['act']['after'],
) {
  const before = encoded.slice(0, depth)
  switch (next) {
    case 'cut':
      return sseThenCut(before.join(''))
    case 'silence':
      return sseThenSilence(before.join(''))
    case 'rest':
      return sseInPieces([...before, 'data: {"choices":[{"delt\n\n', ...encoded.slice(depth)])
  }
}

// ---- what a provider makes of it

async function neverAnswered(context: Context): Promise<void> {
  const { vendor, ask, modes } = context
  vendor.respondWith(faulty(context, 'no-response'))
  for (const mode of modes) {
    const asked = errorOf(() => ask(mode, { timeout: { connect: 50 } }))
    equal((await within(asked, 3_000, `${mode}: it hangs`)).code, 'timeout', `${mode}: the code`)
  }
}

async function nobodyThere({ vendor, ask, modes }: Context): Promise<void> {
  await vendor.close()
  for (const mode of modes) equal((await errorOf(() => ask(mode))).code, 'unreachable', `${mode}: the code`)
}

async function late(context: Context): Promise<void> {
  const { vendor, ask, modes } = context
  vendor.respondWith(faulty(context, 'slow-first-token'))
  for (const mode of modes) {
    const { completion } = await ask(mode)
    equal(completion.choices[0]?.content, 'Yes.', `${mode}: the text`)
    equal(completion.usage.totalTokens, 48, `${mode}: the total of tokens`)
  }
}

async function stalled(context: Context): Promise<void> {
  const { vendor, ask } = context
  vendor.respondWith(faulty(context, 'stall'))
  const asked = errorOf(() => ask('stream', { timeout: { idle: 60 } }))
  const error = await within(asked, 3_000, 'it hangs')
  equal([error.code, error.parameter], ['timeout', 'timeout.idle'], 'the code and the limit')
  ok(JSON.stringify(error.partial ?? '').includes('On'), 'the text that had come is lost')
}

async function malformed(context: Context): Promise<void> {
  const { vendor, ask } = context
  vendor.respondWith(faulty(context, 'malformed'))
  const error = await errorOf(() => ask('stream'))
  equal(error.code, 'invalid-reply', 'the code')
  ok(JSON.stringify(error.partial ?? '').includes('On'), 'the text that had come is lost')
}

async function cutPlain({ vendor, protocol, ask }: Context): Promise<void> {
  const body = JSON.stringify(protocol.encodePlain({ text: 'Yes.' }))
  vendor.respondWith((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.write(body.slice(0, 40), () => response.socket?.resetAndDestroy())
  })
  const asked = errorOf(() => ask('plain'))
  equal((await within(asked, 3_000, 'it hangs')).code, 'interrupted', 'the code')
}

/** The call works in spite of these faults, and its tokens are counted once. */
async function passes(context: Context, faults: readonly ('429' | '500' | '503' | 'reset')[]): Promise<void> {
  const { vendor, encodeReply, ask, modes } = context
  for (const mode of modes) {
    vendor.respondWith(...faults.map((fault) => faulty(context, fault)), encodeReply(COMPLETE_REPLY))
    const { completion, events } = await ask(mode, { retries: 2 })
    equal(completion.choices[0]?.content, 'Yes.', `${mode}: the text`)
    equal(vendor.requests.length, faults.length + 1, `${mode}: the number of requests`)
    equal(new Set(vendor.requests.map((request) => request.text)).size, 1, `${mode}: the number of different requests`)
    equal(completion.usage.totalTokens, 48, `${mode}: the total of tokens`)
    const text = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
    if (mode === 'stream') equal(text, 'Yes.', 'the deltas joined')
  }
}

async function always(context: Context): Promise<void> {
  const { vendor, ask, modes } = context
  for (const mode of modes) {
    vendor.respondWith(faulty(context, '429'))
    const error = await errorOf(() => ask(mode, { retries: 2 }))
    equal(error.code, 'rate-limit', `${mode}: the code`)
    equal(vendor.requests.length, 3, `${mode}: the number of requests with two retries`)
  }
}

async function cutMidway({ vendor, protocol, ai, model }: Context): Promise<void> {
  const encoded = protocol.encodeEvents({ text: ['One.', 'Two.', 'Three.'] })
  for (const depth of [Math.ceil(encoded.length / 2), encoded.length - 1]) {
    vendor.respondWith(damaged(encoded, depth, FAULTS.cut.act.after))
    const events: AIChatStreamEvent[] = []
    const outcome = await outcomeOf(async () => {
      for await (const event of ai.chat.stream({ ...HELLO, model, retries: 0 })) events.push(event)
    })
    const end = events.at(-1)
    const complete = end?.type === 'end' && end.completeness === 'complete'
    ok(!complete, `a stream that was cut after ${depth} of ${encoded.length} events passes for whole`)
    if (outcome instanceof AIError) ok(outcome.partial !== undefined, 'what had come is lost')
    else ok(end?.type === 'end', 'the stream has no end')
  }
}
