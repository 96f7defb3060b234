import { FAULTS, type Fault } from '@activepieces/contract'
import { type AIChatStreamEvent, AIError } from '@activepieces/pieces-common'
import type { Check, Context } from '../check.ts'
import { equal, errorOf, ok, outcomeOf, within } from '../expect.ts'
import type { Responder } from '../targets/fake-vendor.ts'
import { after, refusal, reset, silence, sseInChunks, sseThenCut, sseThenSilence, text } from '../targets/responses.ts'

const SOON = { 'retry-after-ms': '5' }
const COMPLETE_REPLY = { text: 'Yes.', usage: { prompt: 37, completion: 11 } }

/** Checks per fault. */
const CHECKS_BY_FAULT: Readonly<Record<Fault, readonly Check[]>> = {
  '429': [
    { name: 'F 429 once', run: (context) => passes(context, ['429']) },
    { name: 'F 429 always', run: rateLimited },
  ],
  '500': [{ name: 'F 500 once', run: (context) => passes(context, ['500']) }],
  '503': [{ name: 'F 503 once', run: (context) => passes(context, ['503']) }],
  reset: [{ name: 'F reset before headers', run: (context) => passes(context, ['reset']) }],
  'no-response': [{ name: 'F no response', run: noResponse }],
  'nobody-listens': [{ name: 'F nobody listens', run: unreachable }],
  'slow-first-token': [{ name: 'F slow first token', run: slowFirstToken }],
  cut: [
    { name: 'F cut mid-stream, at two depths', needs: ['stream'], run: cutMidway },
    { name: 'F cut plain response', run: cutPlain },
  ],
  stall: [{ name: 'F stall', needs: ['stream'], run: stalled }],
  malformed: [{ name: 'F malformed chunk', needs: ['stream'], run: malformed }],
}

/** Checks of vendor and network faults. */
export const FAULT_CHECKS: readonly Check[] = [
  ...Object.values(CHECKS_BY_FAULT).flat(),
  { name: 'F flapping', run: (context) => passes(context, ['500', '429']) },
]

const HELLO = { messages: [{ role: 'user' as const, content: 'Hello' }] }

// ---- Faulty vendors

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

/** Encodes the error in the protocol, except for 503, which mostly comes from a gateway in front of the vendor. */
function refusing({ error }: Context, status: 429 | 500 | 503): Responder {
  if (status === 503) return text('Service Unavailable', status, SOON)
  return refusal(error(status === 429 ? 'too fast' : 'server'), SOON)
}

/** Stream that fails after a number of events. */
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
      return sseInChunks([...before, 'data: {"choices":[{"delt\n\n', ...encoded.slice(depth)])
  }
}

// ---- Expected behavior

async function noResponse(context: Context): Promise<void> {
  const { vendor, ask, modes } = context
  vendor.respondWith(faulty(context, 'no-response'))
  for (const mode of modes) {
    const asked = errorOf(() => ask(mode, { timeout: { connect: 50 } }))
    equal((await within(asked, 3_000, `${mode}: the call does not end`)).code, 'timeout', `${mode}: the code`)
  }
}

async function unreachable({ vendor, ask, modes }: Context): Promise<void> {
  await vendor.close()
  for (const mode of modes) equal((await errorOf(() => ask(mode))).code, 'unreachable', `${mode}: the code`)
}

async function slowFirstToken(context: Context): Promise<void> {
  const { vendor, ask, modes } = context
  vendor.respondWith(faulty(context, 'slow-first-token'))
  for (const mode of modes) {
    const { completion } = await ask(mode)
    equal(completion.choices[0]?.content, 'Yes.', `${mode}: the text`)
    equal(completion.usage.totalTokens, 48, `${mode}: the total number of tokens`)
  }
}

async function stalled(context: Context): Promise<void> {
  const { vendor, ask } = context
  vendor.respondWith(faulty(context, 'stall'))
  const asked = errorOf(() => ask('stream', { timeout: { idle: 60 } }))
  const error = await within(asked, 3_000, 'the call does not end')
  equal([error.code, error.parameter], ['timeout', 'timeout.idle'], 'the code and the limit')
  ok(JSON.stringify(error.partial ?? '').includes('On'), 'the text received so far is lost')
}

async function malformed(context: Context): Promise<void> {
  const { vendor, ask } = context
  vendor.respondWith(faulty(context, 'malformed'))
  const error = await errorOf(() => ask('stream'))
  equal(error.code, 'invalid-reply', 'the code')
  ok(JSON.stringify(error.partial ?? '').includes('On'), 'the text received so far is lost')
}

async function cutPlain({ vendor, protocol, ask }: Context): Promise<void> {
  const body = JSON.stringify(protocol.encodePlain({ text: 'Yes.' }))
  vendor.respondWith((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.write(body.slice(0, 40), () => response.socket?.resetAndDestroy())
  })
  const asked = errorOf(() => ask('plain'))
  equal((await within(asked, 3_000, 'the call does not end')).code, 'interrupted', 'the code')
}

/** Expects the call to succeed despite the faults, and its tokens to be counted once. */
async function passes(context: Context, faults: readonly ('429' | '500' | '503' | 'reset')[]): Promise<void> {
  const { vendor, encodeReply, ask, modes } = context
  for (const mode of modes) {
    vendor.respondWith(...faults.map((fault) => faulty(context, fault)), encodeReply(COMPLETE_REPLY))
    const { completion, events } = await ask(mode, { retries: 2 })
    equal(completion.choices[0]?.content, 'Yes.', `${mode}: the text`)
    equal(vendor.requests.length, faults.length + 1, `${mode}: the number of requests`)
    equal(new Set(vendor.requests.map((request) => request.text)).size, 1, `${mode}: the number of different requests`)
    equal(completion.usage.totalTokens, 48, `${mode}: the total number of tokens`)
    const text = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
    if (mode === 'stream') equal(text, 'Yes.', 'the deltas joined')
  }
}

async function rateLimited(context: Context): Promise<void> {
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
    ok(!complete, `a stream that was cut after ${depth} of ${encoded.length} events is reported as complete`)
    if (outcome instanceof AIError) ok(outcome.partial !== undefined, 'the events received so far are lost')
    else ok(end?.type === 'end', 'the stream has no end event')
  }
}
