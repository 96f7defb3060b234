import { type AIChatStreamEvent, AIError, type AIFinishReason } from '@activepieces/pieces-common'
import type { Check, Context, Reply } from '../check.ts'
import { equal, ok, outcomeOf } from '../expect.ts'
import { PROTOCOLS } from '../protocols/index.ts'
import type { ReplyFixture } from '../protocols/protocol.ts'
import { refusal, sse, sseHeldBack, sseInChunks } from '../targets/responses.ts'

/** Checks of replies, plain and streamed. */
export const TEXT_CHECKS: readonly Check[] = [
  {
    name: 'X01 text',
    everywhere: true,
    run: async ({ vendor, encodeReply, ask, modes, scripted, protocol, model }) => {
      vendor.respondWith(encodeReply({ text: ['Hel', 'lo ', '👋'] }))
      for (const mode of modes) {
        const { completion } = await ask(mode, SAY_HELLO)
        const [choice] = completion.choices
        ok(
          /hello/i.test(choice?.content ?? ''),
          `${mode}: the text is "${choice?.content}"; expected text that contains "hello"`,
        )
        equal(choice?.role, 'assistant', `${mode}: the role`)
        equal(completion.finishReason, 'stop', `${mode}: the finish reason`)
        equal(completion.toolCalls, [], `${mode}: the tool calls`)
        ok(completion.model !== '', `${mode}: the model is empty`)
        if (!scripted) continue
        equal(choice?.content, 'Hello 👋', `${mode}: the text`)
        equal(completion.model, protocol.features.omitsModel ? model : 'the-model-that-answered', `${mode}: the model`)
        ok(completion.id !== '', `${mode}: the id is empty`)
        ok(
          completion.created > 1_500_000_000,
          `${mode}: created is ${completion.created}; expected Unix time in seconds`,
        )
      }
    },
  },
  {
    name: 'X01 a reply without text has empty content',
    run: async ({ vendor, encodeReply, ask, modes, protocol }) => {
      const finish = Object.keys(protocol.finishReasons).find((word) => protocol.finishReasons[word] === 'length')
      vendor.respondWith(encodeReply({ ...(finish !== undefined && { finish }) }))
      for (const mode of modes) {
        const { completion } = await ask(mode)
        equal(completion.choices[0]?.content, '', `${mode}: the text`)
        equal(completion.finishReason, 'length', `${mode}: the finish reason`)
      }
    },
  },
  { name: 'X02 finish reasons are mapped, unknown ones kept', run: finishReasons },
  {
    name: 'X03 deltas add up to the final text',
    everywhere: true,
    run: async ({ vendor, encodeReply, ask }) => {
      vendor.respondWith(encodeReply({ text: ['Hel', 'lo', ' the', 're', ' 👩‍👩', '‍👧', ' \n\n end '] }))
      const { completion, events } = await ask('stream', SAY_HELLO)
      const deltas = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : []))
      equal(deltas.join(''), completion.choices[0]?.content, 'the joined deltas')
      ok(!deltas.includes(''), 'a text-delta is empty')
    },
  },
  {
    name: 'X03 a stream returns the same completion as a plain call',
    run: async ({ vendor, encodeReply, ask }) => {
      for (const fixture of FIXTURES) {
        vendor.respondWith(encodeReply(fixture))
        const [plain, streamed] = [await ask('plain'), await ask('stream')]
        for (const field of ['choices', 'finishReason', 'rawFinishReason', 'toolCalls', 'model', 'id'] as const) {
          equal(streamed.completion[field], plain.completion[field], `the streamed ${field}`)
        }
      }
    },
  },
  {
    name: 'X04 order of events',
    needs: ['stream'],
    run: async ({ vendor, encodeReply, ask, supports }) => {
      const reasoning = supports('reasoning') ? { reasoning: { text: 'Let me see.', signature: 'signed' } } : {}
      vendor.respondWith(encodeReply({ ...reasoning, text: ['One.', 'Two.'], toolCalls: [CALL] }))
      const { events } = await ask('stream')
      const ranks = { 'reasoning-delta': 0, 'text-delta': 1, 'tool-call-delta': 2, 'tool-call': 3, end: 4 }
      const order = events.map(({ type }) => ranks[type])
      equal(order, [...order].sort(), 'the order of the events')
      const text = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
      equal(text, 'One.Two.', 'the text deltas in order')
      equal(typesOf(events).filter((type) => type === 'tool-call').length, 1, 'the number of tool-call events')
    },
  },
  {
    name: 'X04 deltas are forwarded as they arrive',
    needs: ['stream'],
    run: async ({ vendor, protocol, ai, model }) => {
      const pieces = protocol.encodeEvents({ text: ['First.', 'Second.'] })
      const first = pieces.findIndex((piece) => piece.includes('First.'.slice(0, 3)))
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      vendor.respondWith(sseHeldBack(pieces.slice(0, first + 1).join(''), released, pieces.slice(first + 1).join('')))
      const began = performance.now()
      for await (const event of ai.chat.stream({ model, messages: [{ role: 'user', content: 'Hello' }], retries: 0 })) {
        if (event.type === 'text-delta') release()
      }
      ok(performance.now() - began < 1_500, 'the first delta is held back until the stream ends')
    },
  },
  {
    name: 'X05 exactly one terminal event',
    everywhere: true,
    run: async ({ vendor, encodeReply, ask }) => {
      vendor.respondWith(encodeReply({ text: 'Hello.' }))
      const { events } = await ask('stream', SAY_HELLO)
      equal(typesOf(events).filter((type) => type === 'end').length, 1, 'the number of end events')
      const last = events.at(-1)
      equal(last?.type === 'end' && last.completeness, 'complete', 'the completeness')
    },
  },
  { name: 'X06 split at every byte: the same result', needs: ['stream'], run: splitAtEveryByte },
  { name: 'X07 a stream without its terminator is truncated', needs: ['stream'], run: withoutTerminator },
  { name: "X07 another protocol's terminator does not end the stream", needs: ['stream'], run: foreignTerminator },
  {
    name: 'X08 reasoning is separate from text',
    needs: ['reasoning'],
    run: async ({ vendor, encodeReply, ask, modes }) => {
      vendor.respondWith(encodeReply({ reasoning: { text: 'Let me see.', signature: 'signed' }, text: 'Yes.' }))
      for (const mode of modes) {
        const { completion, events } = await ask(mode)
        const [choice] = completion.choices
        equal(choice?.content, 'Yes.', `${mode}: the text`)
        equal((choice?.reasoning ?? []).map(({ text }) => text).join(''), 'Let me see.', `${mode}: the reasoning`)
        const deltas = events.flatMap((event) => (event.type === 'reasoning-delta' ? [event.text] : []))
        if (mode === 'stream') equal(deltas.join(''), 'Let me see.', 'the reasoning deltas')
      }
    },
  },
  { name: 'X09 a reasoning signature survives the round trip', needs: ['reasoningSignature'], run: signatureReturns },
  {
    name: 'X10 unknown and empty fields and events are ignored',
    run: async ({ vendor, encodeReply, ask, modes }) => {
      for (const fixture of FIXTURES) {
        for (const mode of modes) {
          vendor.respondWith(encodeReply(fixture))
          const quiet = await ask(mode)
          vendor.respondWith(encodeReply({ ...fixture, noise: true }))
          const noisy = await ask(mode)
          for (const field of ['choices', 'finishReason', 'toolCalls', 'model', 'id'] as const) {
            equal(
              noisy.completion[field],
              quiet.completion[field],
              `${mode}: the ${field} with unknown fields and events`,
            )
          }
        }
      }
    },
  },
  { name: 'X11 concurrent calls do not mix', run: callsDoNotMix },
  { name: 'X12 nothing is printed', run: nothingPrinted },
]

const SAY_HELLO = { messages: [{ role: 'user' as const, content: 'Say the word "hello" and nothing else.' }] }
const CALL = { id: 'call_1', name: 'look_up', arguments: ['{"word', '":"pi', 'ece"}'] }
const FIXTURES: readonly ReplyFixture[] = [
  { text: 'Yes.' },
  { text: ['A', 'B'], toolCalls: [CALL] },
  { toolCalls: [CALL] },
]

function typesOf(events: readonly AIChatStreamEvent[]): string[] {
  return events.map(({ type }) => type)
}

async function finishReasons({ vendor, encodeReply, ask, modes, protocol }: Context): Promise<void> {
  const all: Record<string, AIFinishReason> = {
    ...protocol.finishReasons,
    ...(protocol.features.unknownFinish && { made_up_reason: 'other' }),
  }
  for (const [finish, expected] of Object.entries(all)) {
    const calls = expected === 'tool-calls' ? { toolCalls: [CALL] } : {}
    vendor.respondWith(encodeReply({ text: 'Yes.', finish, ...calls }))
    for (const mode of modes) {
      const { completion } = await ask(mode)
      equal(completion.finishReason, expected, `${mode}: the finish reason of "${finish}"`)
      equal(completion.rawFinishReason, finish, `${mode}: the raw finish reason`)
    }
  }
}

/** Splits one form at every byte, and the others at every byte where a line, field or character begins or ends. */
async function splitAtEveryByte(context: Context): Promise<void> {
  const { vendor, protocol, ask } = context
  const text = protocol
    .encodeEvents({ text: ['Hé', '👋 \\n'], toolCalls: [{ id: 'call_1', name: 'f', arguments: '{"a":1}' }] })
    .join('')
  const forms: Record<string, string | Buffer> = protocol.frames
    ? { frames: protocol.frames.encode(text) }
    : {
        LF: text,
        CRLF: `: comment\n\n${text}`.replaceAll('\n', '\r\n'),
        'data without a space': text.replaceAll('data: ', 'data:'),
      }
  const [everywhere] = Object.keys(forms)
  vendor.respondWith(sse(text))
  const unsplit = essence(await ask('stream'))
  for (const [form, body] of Object.entries(forms)) {
    const bytes = Buffer.from(body)
    const cuts = [...bytes.keys()].filter((at) => form === everywhere || isEdge(bytes, at))
    for (let first = 0; first < STRIDE; first++) {
      const pieces = split(
        bytes,
        cuts.filter((at) => at % STRIDE === first),
      )
      vendor.respondWith(sseInChunks(pieces))
      equal(essence(await ask('stream')), unsplit, `${form}, split at every ${STRIDE}th byte from ${first}: the result`)
    }
  }
}

/** Distance between splits. `STRIDE` responses with shifted splits together cover every byte. */
const STRIDE = 16

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index]))
}

/** Whether a split is next to a line end or a field's colon, or inside a character. */
function isEdge(bytes: Buffer, at: number): boolean {
  const isSpecial = (byte = 0) => byte === 10 || byte === 13 || byte > 127
  return isSpecial(bytes[at]) || isSpecial(bytes[at - 1]) || bytes.subarray(at - 5, at).toString() === 'data:'
}

/** Returns the reply without values that differ between calls. */
function essence({ completion, events }: Reply): unknown {
  const { created: _created, ...rest } = completion
  return { rest, types: typesOf(events) }
}

async function withoutTerminator({ vendor, protocol, ask, supports }: Context): Promise<void> {
  const events = protocol.encodeEvents({ text: ['One.', 'Two.'] })
  const withFinish = supports('endsWithoutTerminator') ? 'complete' : 'truncated'
  const half = events.findIndex((event) => event.includes('One.'.slice(0, 2))) + 1
  for (const [count, expected] of [
    [events.length - 1, withFinish],
    [half, 'truncated'],
  ] as const) {
    vendor.respondWith(sse(events.slice(0, count).join('')))
    const last = (await ask('stream')).events.at(-1)
    equal(
      last?.type === 'end' && last.completeness,
      expected,
      `the completeness after ${count} of ${events.length} events`,
    )
    ok(last?.type === 'end' && last.completion.choices[0]?.content !== '', 'the text received so far is lost')
  }
}

/** Sends another protocol's terminator, as some gateways do. The stream must be truncated or fail. */
async function foreignTerminator({ vendor, protocol, ask }: Context): Promise<void> {
  const events = protocol.encodeEvents({ text: ['One.', 'Two.'] })
  const half = events.findIndex((event) => event.includes('One.'.slice(0, 2))) + 1
  for (const other of PROTOCOLS.filter(({ name }) => name !== protocol.name)) {
    const terminator = other.encodeEvents({ text: 'One.' }).at(-1) ?? ''
    vendor.respondWith(sse([...events.slice(0, half), terminator].join('')))
    const outcome = await outcomeOf(() => ask('stream'))
    if (outcome instanceof AIError) continue
    const last = outcome.events.at(-1)
    equal(
      last?.type === 'end' && last.completeness,
      'truncated',
      `the completeness after the terminator of ${other.name}`,
    )
  }
}

async function signatureReturns({ vendor, encodeReply, ask, sent, modes, protocol }: Context): Promise<void> {
  const encryptedReasoning = protocol.features.encryptedReasoning
    ? { encryptedReasoning: 'only-the-vendor-can-read-this' }
    : {}
  const call = { id: 'call_1', name: 'look_up', arguments: '{}' }
  for (const text of ['Let me see.', '']) {
    const reasoning = { text, signature: 'signature+of/the=vendor' }
    for (const mode of modes) {
      vendor.respondWith(
        encodeReply({ reasoning, ...encryptedReasoning, text: 'Yes.', toolCalls: [call] }),
        encodeReply({ text: 'Done.' }),
      )
      const { completion } = await ask(mode)
      const [choice] = completion.choices
      ok(choice, `${mode}: there is no choice`)
      const result = { role: 'tool' as const, toolCallId: completion.toolCalls[0]?.id ?? '', content: 'Found.' }
      await ask(mode, { messages: [{ role: 'user', content: 'Look.' }, choice, result] })
      const again = sent().text
      ok(
        again.includes('signature+of/the=vendor'),
        `${mode}: the signature is not sent back (the reasoning is "${text}")`,
      )
      ok(text === '' || again.includes(text), `${mode}: the reasoning is not sent back`)
      if (protocol.features.encryptedReasoning)
        ok(again.includes('only-the-vendor'), `${mode}: the encrypted reasoning is not sent back`)
    }
  }
}

async function callsDoNotMix({ vendor, encodeReply, ask, modes }: Context): Promise<void> {
  vendor.respondWith((response, request) =>
    encodeReply({ text: ['You are ', /caller-\d/.exec(request.text)?.[0] ?? ''] })(response, request),
  )
  for (const mode of modes) {
    const callers = Array.from({ length: 8 }, (_, index) => `caller-${index}`)
    const replies = await Promise.all(callers.map((content) => ask(mode, { messages: [{ role: 'user', content }] })))
    const texts = replies.map(({ completion }) => completion.choices[0]?.content)
    equal(
      texts,
      callers.map((caller) => `You are ${caller}`),
      `${mode}: the texts`,
    )
  }
}

/** The library must not print to a flow's log, neither prompts nor its own diagnostics. */
async function nothingPrinted({ vendor, encodeReply, ask, error, modes }: Context): Promise<void> {
  const printer = globalThis.console
  const methods = ['log', 'info', 'warn', 'error', 'debug'] as const
  const kept = methods.map((method) => printer[method])
  const printed: string[] = []
  for (const method of methods) printer[method] = (...args) => void printed.push(args.map(String).join(' '))
  try {
    for (const mode of modes) {
      vendor.respondWith(encodeReply({ text: 'Yes.', noise: true }))
      await ask(mode)
      vendor.respondWith(refusal(error('server')))
      await outcomeOf(() => ask(mode))
    }
  } finally {
    methods.forEach((method, index) => {
      printer[method] = kept[index] ?? printer[method]
    })
  }
  ok(printed.length === 0, `${printed.length} lines are printed; the first is: ${printed[0]}`)
}
