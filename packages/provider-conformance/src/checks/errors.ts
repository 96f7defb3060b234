import type { AIError } from '@activepieces/pieces-common'
import type { Check, Context, Mode } from '../check.ts'
import { equal, errorOf, ok } from '../expect.ts'
import { ERROR_CODES, type ErrorKind } from '../protocols/protocol.ts'
import type { Responder } from '../targets/fake-vendor.ts'
import { json, refusal, sse, text } from '../targets/responses.ts'

const KINDS = Object.keys(ERROR_CODES) as ErrorKind[]

/** Checks of error responses. */
export const ERROR_CHECKS: readonly Check[] = [
  ...KINDS.map((kind): Check => ({ name: `E ${kind}`, run: (context) => refused(context, kind) })),
  ...KINDS.map(
    (kind): Check => ({
      name: `E ${kind}, as an event in a stream`,
      needs: ['stream'],
      applies: ({ error }) => error(kind).event !== undefined,
      run: (context) => refusedInStream(context, kind),
    }),
  ),
  { name: 'E no credit is not retried', run: noCredit },
  { name: 'E bodies that are not an error object', run: oddBodies },
  { name: 'E an error inside a 200', run: errorInside200 },
  { name: 'E no key in message, stack or JSON', run: noKey },
  {
    name: 'E the request id is kept',
    run: async ({ vendor, ask, error, modes }) => {
      vendor.respondWith(refusal(error('server'), { 'x-request-id': 'req_7', 'request-id': 'req_7' }))
      for (const mode of modes) equal((await errorOf(() => ask(mode))).requestId, 'req_7', `${mode}: the request id`)
    },
  },
]

/** Who must act on each kind of error. */
const ACTORS: Readonly<Record<ErrorKind, string>> = {
  'bad parameter': 'flow-author',
  'context length': 'flow-author',
  'content filter': 'flow-author',
  'bad key': 'admin',
  payment: 'admin',
  permission: 'admin',
  model: 'flow-author',
  timeout: 'nobody',
  conflict: 'nobody',
  'too large': 'flow-author',
  unprocessable: 'flow-author',
  'too fast': 'nobody',
  'no credit': 'admin',
  server: 'vendor',
  overloaded: 'nobody',
  'gateway timeout': 'nobody',
}
const TEMPORARY: readonly ErrorKind[] = ['timeout', 'conflict', 'too fast', 'server', 'overloaded', 'gateway timeout']

function expectError(error: AIError, kind: ErrorKind, message: string, what: string): void {
  equal(error.code, ERROR_CODES[kind], `${what}: the code`)
  equal(error.actor, ACTORS[kind], `${what}: who must act`)
  ok(error.remedy.length > 3, `${what}: the remedy is missing`)
  equal(error.retryable, TEMPORARY.includes(kind), `${what}: retryable`)
  ok(
    error.vendorMessage?.includes(message),
    `${what}: the vendor message is "${error.vendorMessage}"; expected "${message}"`,
  )
}

async function refused({ vendor, error, ask, modes, entry, model }: Context, kind: ErrorKind): Promise<void> {
  const fixture = error(kind)
  const { status, message } = fixture
  for (const mode of modes) {
    vendor.respondWith(refusal(fixture, { 'retry-after': '7' }))
    const thrown = await errorOf(() => ask(mode))
    expectError(thrown, kind, message, mode)
    equal(vendor.requests.length, 1, `${mode}: the number of requests of a call without retries`)
    equal(thrown.status, status, `${mode}: the status`)
    equal([thrown.provider, thrown.model], [entry.value, model], `${mode}: the provider and model of the error`)
    if (kind === 'too fast') equal(thrown.retryAfter, 7, `${mode}: the seconds to wait`)
  }
}

/** Sends the error as the first event, and after some text, which must be kept. */
async function refusedInStream({ vendor, error, protocol, ask }: Context, kind: ErrorKind): Promise<void> {
  const { event = '', message } = error(kind)
  const encoded = protocol.encodeEvents({ text: ['One.', 'Two.'] })
  const half = encoded.slice(0, encoded.findIndex((event) => event.includes('One.'.slice(0, 2))) + 1)
  const terminator = encoded.at(-1) ?? ''
  for (const [before, after] of [
    ['', ''],
    ['', terminator],
    [half.join(''), ''],
    [half.join(''), terminator],
  ] as const) {
    vendor.respondWith(sse(before + event + after))
    const thrown = await errorOf(() => ask('stream'))
    expectError(thrown, kind, message, before === '' ? 'as the first event' : 'after some text')
    if (before !== '') ok(JSON.stringify(thrown.partial ?? '').includes('On'), 'the text received so far is lost')
  }
}

async function noCredit({ vendor, error, ai, model }: Context): Promise<void> {
  vendor.respondWith(refusal(error('no credit')))
  const params = { model, messages: [{ role: 'user' as const, content: 'Hello' }], retries: 2 }
  await errorOf(() => ai.chat.text(params))
  equal(vendor.requests.length, 1, 'the number of requests')
}

/** Sends what gateways return when the vendor is unavailable. */
async function oddBodies({ vendor, ask, modes }: Context): Promise<void> {
  const html = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'
  const responders: [string, Responder, string][] = [
    ['502 with HTML', text(html, 502, { 'content-type': 'text/html' }), 'server-error'],
    ['503 with plain text', text('upstream connect error', 503), 'overloaded'],
    ['500 with an empty body', text('', 500), 'server-error'],
    ['401 with an empty body', text('', 401), 'authentication'],
    ['500 with invalid JSON', text('{"error":', 500, { 'content-type': 'application/json' }), 'server-error'],
    ['400 with the error as a string', json({ error: 'No such option.' }, 400), 'invalid-request'],
    ['400 with a list of errors', listed({ error: { message: 'No such option.' } }, 400), 'invalid-request'],
    ['404 with only a message', json({ message: 'No such route.' }, 404), 'not-found'],
  ]
  for (const mode of modes) {
    for (const [what, respond, code] of responders) {
      vendor.respondWith(respond)
      const error = await errorOf(() => ask(mode))
      equal(error.code, code, `${mode}: ${what}: the code`)
      ok(error.message.trim() !== '', `${mode}: ${what}: the message is empty`)
    }
  }
}

function listed(body: object, status: number): Responder {
  return text(JSON.stringify([body]), status, { 'content-type': 'application/json' })
}

async function errorInside200({ vendor, ask, modes, error, protocol }: Context): Promise<void> {
  for (const mode of modes) {
    for (const [what, respond, code] of errorsInside200(mode, error('server').body)) {
      vendor.respondWith(respond)
      const expected = protocol.features.errorTypeInHeader && code === 'server-error' ? 'unknown' : code
      equal((await errorOf(() => ask(mode), what)).code, expected, `${mode}: ${what}: the code`)
    }
  }
}

function errorsInside200(mode: Mode, body: object): [string, Responder, string][] {
  return [
    ['an error object with status 200', json(body), 'server-error'],
    ['an empty body with status 200', text('', 200, { 'content-type': 'application/json' }), 'invalid-reply'],
    ['HTML with status 200', text('<html>Sign in</html>', 200, { 'content-type': 'text/html' }), 'invalid-reply'],
    ['JSON that is not a completion', json({ hello: 'world' }), 'invalid-reply'],
  ].filter(([what]) => mode === 'plain' || !String(what).startsWith('HTML')) as [string, Responder, string][]
}

async function noKey({ vendor, ask, modes, engineToken }: Context): Promise<void> {
  const keys = ['sk-proj-abcdefghijklmnop1234', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl']
  const prompt = 'secret prompt'
  for (const mode of modes) {
    for (const status of [400, 401, 500]) {
      const message = `Incorrect API key provided: ${keys[0]}. Header was Bearer ${keys[1]}.`
      vendor.respondWith(json({ type: 'error', error: { type: 'authentication_error', message } }, status))
      const error = await errorOf(() => ask(mode, { messages: [{ role: 'user', content: prompt }] }))
      const printed = [error.message, error.stack, JSON.stringify(error), error.vendorMessage, String(error)].join('\n')
      for (const secret of [...keys, engineToken, prompt])
        ok(!printed.includes(secret), `${mode}: "${secret}" is in the error`)
    }
  }
}
