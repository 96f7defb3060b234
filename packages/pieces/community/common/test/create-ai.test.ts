import { describe, expect, it } from 'vitest'
import type { AI, AIChatCompletionsCreateParams } from '../src/index.ts'
import { createAI } from '../src/lib/ai/runtime/create-ai.ts'
import { ASK, collect, thrownBy } from './vendor.ts'

const minimal = (text: AI['chat']['text']) => createAI({ provider: 'TOY', chat: { text } }, 'toy')

describe('a provider with nothing but chat.text', () => {
  const toy = minimal(async () => ({ choices: [{ role: 'assistant', content: 'Yes.' }] }))

  it('gives whole completions', async () => {
    expect(await toy.chat.text(ASK)).toEqual({
      id: '',
      created: expect.any(Number),
      model: 'some-model',
      choices: [{ role: 'assistant', content: 'Yes.' }],
      finishReason: 'stop',
      toolCalls: [],
      usage: { parts: {} },
      warnings: [],
    })
  })

  it('gets a stream', async () => {
    const events = await collect(toy.chat.stream(ASK))
    expect(events).toMatchObject([
      { type: 'text-delta', text: 'Yes.' },
      { type: 'end', completeness: 'complete', completion: { choices: [{ content: 'Yes.' }] } },
    ])
  })

  it('has its thrown objects made into errors, stream and plain (E1, E2)', async () => {
    const failing = minimal(async () => {
      throw { message: 'Bad key', code: 'invalid_api_key' }
    })
    for (const call of [() => failing.chat.text(ASK), () => collect(failing.chat.stream(ASK))]) {
      expect(await thrownBy(call)).toMatchObject({
        name: 'AIError',
        code: 'authentication',
        provider: 'toy',
        model: 'some-model',
      })
    }
  })

  it('says that it has no SDK to hand out', async () => {
    expect(await thrownBy(() => toy.sdk())).toMatchObject({ code: 'unsupported', provider: 'toy' })
  })
})

describe('a stream as its author may write it', () => {
  const streaming = (stream: NonNullable<AI['chat']['stream']>) =>
    createAI({ provider: 'TOY', chat: { text: async () => ({ choices: [] }), stream } }, 'toy')

  it('without an end is truncated, with what came', async () => {
    const toy = streaming(async function* () {
      yield { type: 'text-delta', text: 'A pie' }
    })
    expect((await collect(toy.chat.stream(ASK))).at(-1)).toMatchObject({
      type: 'end',
      completeness: 'truncated',
      completion: { choices: [{ content: 'A pie' }] },
    })
  })

  it('ends once, whatever comes after its end', async () => {
    const toy = streaming(async function* () {
      yield { type: 'end', completeness: 'complete', completion: { choices: [{ content: 'x' }] } }
      yield { type: 'text-delta', text: 'late' }
    })
    expect((await collect(toy.chat.stream(ASK))).map((event) => event.type)).toEqual(['end'])
  })

  it('by lists of parts is told part by part, and the end is the end within a list too', async () => {
    const toy = streaming(async function* () {
      yield [
        { type: 'text-delta', text: 'A' },
        { type: 'text-delta', text: 'B' },
      ]
      yield []
      yield [
        { type: 'text-delta', text: 'C' },
        { type: 'end', completeness: 'complete', completion: { choices: [{ content: 'ABC' }] } },
        { type: 'text-delta', text: 'late' },
      ]
    })
    const events = await collect(toy.chat.stream(ASK))
    expect(events.map((event) => (event.type === 'text-delta' ? event.text : event.type))).toEqual([
      'A',
      'B',
      'C',
      'end',
    ])
  })

  it('is not tried again after output (E5)', async () => {
    let calls = 0
    const toy = streaming(async function* () {
      calls++
      yield { type: 'text-delta', text: 'A' }
      throw { status: 500, error: { message: 'Oops' } }
    })
    expect(await thrownBy(() => collect(toy.chat.stream(ASK)))).toMatchObject({ code: 'server-error' })
    expect(calls).toBe(1)
  })

  it('is closed when its reader leaves', async () => {
    let closed = false
    const toy = streaming(async function* () {
      try {
        for (;;) yield { type: 'text-delta', text: 'A' }
      } finally {
        closed = true
      }
    })
    for await (const _event of toy.chat.stream(ASK)) break
    expect(closed).toBe(true)
  })
})

describe('an abort', () => {
  it('while waiting to try again ends the wait (A04)', async () => {
    const controller = new AbortController()
    const toy = minimal(async (_params: AIChatCompletionsCreateParams) => {
      setTimeout(() => controller.abort(), 10)
      throw { status: 429, error: { message: 'Slow' }, headers: new Headers({ 'retry-after': '50' }) }
    })
    expect(await thrownBy(() => toy.chat.text({ ...ASK, signal: controller.signal }))).toMatchObject({
      code: 'aborted',
    })
  })

  it('before the stream begins is an end, not an error', async () => {
    const toy = minimal(async () => ({ choices: [{ content: 'never' }] }))
    const events = await collect(toy.chat.stream({ ...ASK, signal: AbortSignal.abort() }))
    expect(events).toMatchObject([{ type: 'end', completeness: 'aborted' }])
  })
})
