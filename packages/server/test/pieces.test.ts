import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineTokens } from '../src/auth/engine-tokens.ts'
import { createPieces } from '../src/domain/pieces/pieces.ts'
import { createRunObservers } from '../src/domain/pieces/run-observers.ts'
import { keysOf } from './keys.ts'

const SAMPLE = { sample: new URL('./fixtures/sample-piece.ts', import.meta.url).href }
let server: TestServer
let upstream: Upstream

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer({
    pieces: SAMPLE,
  })
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: 'sk-known-value-0123456789' })
})

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const actions = '/api/v1/pieces/sample/actions'
const run = (action: string, input: object, key = ADMIN_KEY) =>
  server.call('POST', `${actions}/${action}/run`, { key, body: { input } })

/** The process that a hanging run has logged. */
function processOf(logs: string): number {
  return Number(/process (\d+)/.exec(logs)?.[1])
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a run', () => {
  test('returns output and logs, without the environment of the server', async () => {
    const { status, json } = await run('echo', { text: 'hi' }, await server.token('p1'))
    expect(status).toBe(200)
    expect(json).toMatchObject({
      status: 'succeeded',
      output: { text: 'hi', loud: true, project: 'p1' },
      logs: [
        { level: 'info', message: 'said hi' },
        { level: 'warn', message: 'twice' },
      ],
    })
    expect(json.output.environment).toEqual(['TMPDIR'])
  })

  test('checks its input first, in the words of the form', async () => {
    expect((await run('echo', {})).json.error).toEqual({
      code: 'invalid-input',
      message: '"Text to say" is required.',
      actor: 'flow-author',
      remedy: 'Change the property that the message names.',
    })
    expect((await run('echo', { text: 'x', txet: 1 })).json.error.message).toContain('no property "txet"')
    expect((await run('eko', {})).json.error.message).toBe(
      'Sample has no action "eko". It has: echo, remember, misbehave.',
    )
    expect((await server.call('POST', '/api/v1/pieces/none/actions/x/run', { key: ADMIN_KEY, body: {} })).status).toBe(
      404,
    )
  })

  test('keeps values between runs, each project for itself', async () => {
    const [one, other] = [await server.token('one'), await server.token('other')]
    expect((await run('remember', {}, one)).json.output).toEqual({ count: 1, gone: null })
    expect((await run('remember', {}, one)).json.output.count).toBe(2)
    expect((await run('remember', {}, other)).json.output.count).toBe(1)
  })

  test('reaches a vendor through the proxy with its own token', async () => {
    upstream.answer((_request, response) => json(response, 200, { data: ['m'] }))
    expect((await run('misbehave', { how: 'vendor' })).json.output).toEqual({ data: ['m'] })
    expect(upstream.last().headers.authorization).toBe('Bearer sk-known-value-0123456789')
  })

  test('fails with the public fields of the error', async () => {
    const { json } = await run('misbehave', { how: 'throw' })
    expect(json).toMatchObject({ status: 'failed', output: null })
    expect(json.error).toEqual({
      message: 'too fast',
      code: 'rate-limit',
      status: 429,
      retryAfter: 3,
      retryable: true,
      actor: 'nobody',
    })
    expect((await run('misbehave', { how: 'pause' })).json.error.message).toContain('run.stop is not available')
    expect((await run('misbehave', { how: 'exit' })).json.error.code).toBe('crashed')
  })

  test('streams updates, logs and the result as events', async () => {
    const response = await fetch(`${server.url}${actions}/echo/run`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ input: { text: 'hi' } }),
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = (await response.text()).trim().split('\n\n')
    expect(events.map((event) => event.split('\n')[0])).toEqual([
      'event: log',
      'event: log',
      'event: update',
      'event: result',
    ])
    expect(events[2]).toBe('event: update\ndata: {"step":1}')
  })

  test('ends at the time limit, with more than the cap refused meanwhile', async () => {
    const pieces = createPieces({
      pieces: SAMPLE,
      tokens: createEngineTokens(keysOf(0), server.projects.find),
      dataDir: server.dataDir,
      log: server.app.log,
      timeoutMs: 1_000,
      maxRuns: 1,
      urls: () => ({ api: `${server.url}/api/`, public: server.url }),
      observeRun: createRunObservers().observe,
    })
    const job = {
      type: 'run',
      piece: 'sample',
      action: 'misbehave',
      input: { how: 'hang' },
      projectId: 'local',
    } as const
    const watch = { signal: new AbortController().signal }
    const first = pieces.run(job, watch)
    await expect(pieces.run(job, watch)).rejects.toMatchObject({ status: 429, code: 'too-many-runs' })
    const { error, logs } = await first
    expect(error?.code).toBe('time-limit')
    expect(isRunning(processOf(JSON.stringify(logs)))).toBe(false)
    pieces.close()
  })

  test('is killed when the caller leaves', async () => {
    const leaving = new AbortController()
    const response = await fetch(`${server.url}${actions}/misbehave/run`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ input: { how: 'hang' }, stream: true }),
      signal: leaving.signal,
    })
    const first = await response.body?.getReader().read()
    const pid = processOf(new TextDecoder().decode(first?.value))
    expect(isRunning(pid)).toBe(true)
    leaving.abort()
    await expect.poll(() => isRunning(pid)).toBe(false)
  })

  test('an engine token runs for its own project alone', async () => {
    const key = await server.token('mine')
    const body = { input: { text: 'x' }, projectId: 'yours' }
    expect((await server.call('POST', `${actions}/echo/run`, { key, body })).status).toBe(403)
  })
})

describe('options', () => {
  const options = (body: object) => server.call('POST', `${actions}/echo/options`, { key: ADMIN_KEY, body })

  test('of a dropdown, from the values so far', async () => {
    const { json } = await options({ property: 'color', input: { text: 'dark' }, searchValue: 'r', projectId: 'local' })
    expect(json).toEqual({ disabled: false, options: [{ label: 'dark r local', value: 'red' }] })
  })

  test('of something else, or one that throws, are an error that says so', async () => {
    expect((await options({ property: 'text' })).json.error.message).toContain('has no options')
    const { status, json } = await options({ property: 'color', input: { text: 'fail' } })
    expect([status, json.error.code, json.error.message]).toEqual([502, 'piece-failed', 'no colors today'])
  })
})

test('the list holds pieces, actions and properties, without functions', async () => {
  const { json } = await server.call('GET', '/api/v1/pieces', { key: ADMIN_KEY })
  expect(json.data[0]).toMatchObject({ name: 'sample', displayName: 'Sample' })
  expect(json.data[0].actions[0].props.color).toMatchObject({ type: 'DROPDOWN', displayName: 'Color' })
})
