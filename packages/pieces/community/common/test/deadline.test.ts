import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AI, AITimeout } from '../src/index.ts'
import { createAI } from '../src/lib/ai/runtime/create-ai.ts'
import { ASK, collect, thrownBy } from './vendor.ts'

/** Authors who ignore the signal, as the documentation page's own factory does. */
const never = () => new Promise<never>(() => {})
const file = { base64: Buffer.from('ID3').toString('base64'), mediaType: 'audio/mpeg' }
const png = { base64: Buffer.from('89504e470d0a1a0a', 'hex').toString('base64'), mediaType: 'image/png' }

async function* stuckAfter(...texts: string[]) {
  for (const text of texts) yield { type: 'text-delta' as const, text }
  await never()
}

const deaf = createAI(
  {
    provider: 'DEAF',
    chat: { text: never },
    image: { generate: never, edit: never },
    embedding: { create: never },
    moderation: { create: never },
    audio: { speech: never, transcribe: never },
  },
  'deaf',
)
const streaming = (stream: NonNullable<AI['chat']['stream']>) =>
  createAI({ provider: 'DEAF', chat: { text: never, stream } }, 'deaf')

const tool = { name: 'wait', execute: never }
type Options = { timeout?: AITimeout; signal?: AbortSignal; retries: 0 }

const CHAT = {
  'chat.text': (options: Options) => deaf.chat.text({ ...ASK, ...options }),
  'chat.object': (options: Options) => deaf.chat.object({ ...ASK, ...options, schema: { type: 'object' } }),
  'chat.stream without a stream of the author': (options: Options) => collect(deaf.chat.stream({ ...ASK, ...options })),
  'chat.stream': (options: Options) => collect(streaming(() => stuckAfter()).chat.stream({ ...ASK, ...options })),
  'chat.objectStream': (options: Options) =>
    collect(streaming(() => stuckAfter()).chat.objectStream({ ...ASK, ...options, schema: { type: 'object' } })),
  'chat.run': (options: Options) => collect(deaf.chat.run({ ...ASK, ...options, tools: [tool] })),
}
const MEDIA = {
  'image.generate': (options: Options) => deaf.image?.generate({ model: 'm', prompt: 'x', ...options }),
  'image.edit': (options: Options) => deaf.image?.edit({ model: 'm', prompt: 'x', images: [png], ...options }),
  'embedding.create': (options: Options) => deaf.embedding?.create({ model: 'm', input: 'x', ...options }),
  'moderation.create': (options: Options) => deaf.moderation?.create({ model: 'm', input: 'x', ...options }),
  'audio.speech': (options: Options) => deaf.audio?.speech?.({ model: 'm', input: 'x', voice: 'v', ...options }),
  'audio.transcribe': (options: Options) => deaf.audio?.transcribe?.({ model: 'm', file, ...options }),
}
const CALLS: [string, (options: Options) => Promise<unknown> | undefined][] = Object.entries({ ...CHAT, ...MEDIA })

const rejections: unknown[] = []
const note = (reason: unknown) => rejections.push(reason)
beforeEach(() => void process.on('unhandledRejection', note))
afterEach(async () => {
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  expect(rejections.splice(0)).toEqual([])
})

describe('a provider that ignores its signal', () => {
  it.each(CALLS)('%s ends when timeout.total passes', async (_name, call) => {
    const error = await thrownBy(async () => call({ timeout: { total: 20 }, retries: 0 }))
    expect(error).toMatchObject({
      code: 'timeout',
      parameter: 'timeout.total',
      message: 'The call exceeded its total timeout of 20 ms.',
      provider: 'deaf',
    })
  })

  it.each(Object.entries(CHAT))('%s ends when timeout.connect passes', async (_name, call) => {
    const error = await thrownBy(async () => call({ timeout: { connect: 20 }, retries: 0 }))
    expect(error).toMatchObject({ code: 'timeout', parameter: 'timeout.connect' })
  })

  it.each(CALLS)('%s ends when it is aborted, and leaves no listener', async (name, call) => {
    const controller = new AbortController()
    const added = vi.spyOn(controller.signal, 'addEventListener')
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    setTimeout(() => controller.abort(), 10)
    const options = { signal: controller.signal, retries: 0 as const }
    const outcome: unknown = await Promise.resolve(call(options)).catch((error: unknown) => error)
    if (name.startsWith('chat.stream') || name === 'chat.run') {
      const end = expect.objectContaining({ type: 'end', completeness: 'aborted' })
      expect(outcome).toEqual(expect.arrayContaining([end]))
    } else {
      expect(outcome).toMatchObject({ name: 'AIError', code: 'aborted' })
    }
    const listeners = (calls: unknown[][]) => calls.map(([, listener]) => listener)
    expect(added).toHaveBeenCalled()
    expect(listeners(removed.mock.calls)).toEqual(expect.arrayContaining(listeners(added.mock.calls)))
  })

  it.each([
    ['firstToken', () => stuckAfter(), undefined],
    ['idle', () => stuckAfter('A'), [{ content: 'A' }]],
    ['total', () => stuckAfter('A'), [{ content: 'A' }]],
  ] as const)('chat.stream names timeout.%s and keeps what came', async (limit, stream, choices) => {
    const ai = streaming(stream)
    const error = await thrownBy(() => collect(ai.chat.stream({ ...ASK, timeout: { [limit]: 20 }, retries: 0 })))
    expect(error).toMatchObject({ code: 'timeout', parameter: `timeout.${limit}`, partial: choices && { choices } })
  })

  it('chat.stream returns the output so far when it is aborted in the middle', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 10)
    const ai = streaming(() => stuckAfter('A', 'B'))
    const events = await collect(ai.chat.stream({ ...ASK, signal: controller.signal }))
    expect(events.at(-1)).toMatchObject({ completeness: 'aborted', completion: { choices: [{ content: 'AB' }] } })
  })

  it('an endless stream ends after its abort, though it never pauses', async () => {
    const controller = new AbortController()
    const ai = streaming(async function* () {
      for (;;) yield { type: 'text-delta' as const, text: 'A' }
    })
    let seen = 0
    let last: unknown
    for await (const event of ai.chat.stream({ ...ASK, signal: controller.signal })) {
      if (++seen === 3) controller.abort()
      last = event
    }
    expect(last).toMatchObject({ type: 'end', completeness: 'aborted' })
  })

  it('an iterator whose return never ends does not block the reader', async () => {
    const iterator = {
      next: async () => ({ done: false as const, value: { type: 'text-delta' as const, text: 'A' } }),
      return: vi.fn(never),
    }
    const ai = streaming(() => ({ [Symbol.asyncIterator]: () => iterator }))
    for await (const _event of ai.chat.stream(ASK)) break
    expect(iterator.return).toHaveBeenCalledOnce()
  })

  it('a late failure causes no unhandled rejection', async () => {
    const late = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), 120))
    const ai = createAI({ provider: 'LATE', chat: { text: late } }, 'late')
    for (const call of [
      ai.chat.text,
      (params: Parameters<typeof ai.chat.text>[0]) => collect(ai.chat.stream(params)),
    ]) {
      const error = await thrownBy(() => call({ ...ASK, timeout: { total: 10 } }))
      expect(error).toMatchObject({ code: 'timeout' })
    }
    await new Promise((resolve) => setTimeout(resolve, 150))
  })

  it('speech that stops in the middle ends with the limit that has passed', async () => {
    async function* audio() {
      yield Buffer.from('ID3')
      await never()
    }
    const speech = async () => ({ mediaType: 'audio/mpeg', audio: audio() })
    const ai = createAI({ provider: 'DEAF', chat: { text: never }, audio: { speech } }, 'deaf')
    for (const limit of ['idle', 'total'] as const) {
      const said = await ai.audio?.speech?.({ model: 'm', input: 'x', voice: 'v', timeout: { [limit]: 20 } })
      const error = await thrownBy(async () => said && collect(said.audio))
      expect(error).toMatchObject({ code: 'timeout', parameter: `timeout.${limit}` })
    }
  })

  it('chat.run ends a tool that never ends, with timeout.total for the whole loop', async () => {
    const text = async () => ({ choices: [{ content: '' }], toolCalls: [{ id: 'a', name: 'wait', arguments: {} }] })
    const ai = createAI({ provider: 'TOOLS', chat: { text } }, 'tools')
    const error = await thrownBy(() => collect(ai.chat.run({ ...ASK, tools: [tool], timeout: { total: 30 } })))
    expect(error).toMatchObject({ code: 'timeout', parameter: 'timeout.total', partial: { toolCalls: [{ id: 'a' }] } })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 10)
    const events = await collect(ai.chat.run({ ...ASK, tools: [tool], signal: controller.signal }))
    expect(events.at(-1)).toMatchObject({ type: 'end', completeness: 'aborted' })
  })
})

it('timeout.total holds over all attempts, timeout.connect for each', async () => {
  const text = vi.fn(never)
  const ai = createAI({ provider: 'DEAF', chat: { text } }, 'deaf')
  const timeout = { connect: 10, total: 60_000 }
  expect(await thrownBy(() => ai.chat.text({ ...ASK, timeout, retries: 1 }))).toMatchObject({
    parameter: 'timeout.connect',
  })
  expect(text).toHaveBeenCalledTimes(2)
  const total = await thrownBy(() => ai.chat.text({ ...ASK, timeout: { connect: 10, total: 150 }, retries: 10 }))
  expect(total).toMatchObject({ parameter: 'timeout.total' })
})

it('onConnect ends timeout.connect', async () => {
  const text: AI['chat']['text'] = async ({ onConnect }) => {
    onConnect?.()
    await new Promise((resolve) => setTimeout(resolve, 40))
    return { choices: [{ content: 'Yes.' }] }
  }
  const ai = createAI({ provider: 'SLOW', chat: { text } }, 'slow')
  expect(await ai.chat.text({ ...ASK, timeout: { connect: 20 } })).toMatchObject({ choices: [{ content: 'Yes.' }] })
})

it.each(['firstToken', 'idle'] as const)('timeout.%s is rejected for a call without a stream', async (limit) => {
  const options = { ...ASK, timeout: { [limit]: 10 } }
  for (const call of [
    () => deaf.chat.text(options),
    () => deaf.chat.object({ ...options, schema: { type: 'object' } }),
    () => deaf.image?.generate({ model: 'm', prompt: 'x', timeout: options.timeout as object }),
  ]) {
    expect(await thrownBy(async () => call())).toMatchObject({
      code: 'invalid-request',
      parameter: `timeout.${limit}`,
      message: expect.stringContaining(`timeout.${limit} is not a timeout of this call; allowed: `),
    })
  }
})
