import { describe, expect, it, vi } from 'vitest'
import { AI, type AISpeech, type AISpeechParams, createAI } from '../src/index.ts'
import { type Answer, collect, json, text, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const ai = (provider: string) => AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })

describe('audio.speech', () => {
  const ask = { model: 'tts-1', input: 'A piece', voice: 'alloy' }
  const speak = async (params: Partial<AISpeechParams> = {}) => {
    const openai = ai('openai')
    if (!openai.audio?.speech) throw new Error('OpenAI speaks.')
    return await openai.audio.speech({ ...ask, ...params })
  }
  const bytes = async ({ audio }: AISpeech) => Buffer.concat(await collect(audio)).toString()
  const sound =
    (body: string, type = 'audio/mpeg'): Answer =>
    (response) =>
      void response.writeHead(200, { 'content-type': type }).end(body)

  it('gives the bytes and their type (M07)', async () => {
    vendor.answerWith(sound('ID3 sound'))
    const speech = await speak({ format: 'mp3', speed: 1.5, advancedOptions: { instructions: 'Softly.' } })
    expect([speech.mediaType, await bytes(speech)]).toEqual(['audio/mpeg', 'ID3 sound'])
    expect(vendor.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/ai-providers/proxy/openai/v1/audio/speech',
      headers: { authorization: 'Bearer engine-token-1' },
    })
    expect(vendor.requests[0]?.body).toEqual({
      ...ask,
      response_format: 'mp3',
      speed: 1.5,
      instructions: 'Softly.',
    })
  })

  it('tells the type that was asked for where the vendor does not, and sends nothing that is not set', async () => {
    vendor.answerWith(sound('OggS', 'application/octet-stream'))
    expect((await speak({ format: 'opus' })).mediaType).toBe('audio/ogg')
    expect((await speak()).mediaType).toBe('audio/mpeg')
    expect(vendor.requests[1]?.body).toEqual(ask)
  })

  it('asks Groq for what it can make, unless the caller knows better', async () => {
    const groq = ai('groq')
    if (!groq.audio?.speech) throw new Error('Groq speaks.')
    const params = { model: 'canopylabs/orpheus-v1-english', input: 'A piece', voice: 'troy' } as const
    vendor.answerWith(sound('RIFF', 'application/octet-stream'))
    expect((await groq.audio.speech(params)).mediaType).toBe('audio/wav')
    await groq.audio.speech({ ...params, format: 'mp3' })
    expect(vendor.requests.map(({ body }) => body['response_format'])).toEqual(['wav', 'mp3'])
  })

  it('gives the first bytes before the last ones are made', async () => {
    let more = () => {}
    vendor.answerWith((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('first')
      more = () => void response.end('last')
    })
    const heard: string[] = []
    for await (const piece of (await speak()).audio) {
      heard.push(Buffer.from(piece).toString())
      more()
    }
    expect(heard).toEqual(['first', 'last'])
  })

  it('closes the connection when its reader leaves', async () => {
    const closed = Promise.withResolvers<boolean>()
    vendor.answerWith((response) => {
      response.on('close', () => closed.resolve(response.writableEnded))
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('first')
    })
    for await (const _piece of (await speak()).audio) break
    expect(await closed.promise).toBe(false)
  })

  it('tries again before any sound, and never after it (E5)', async () => {
    const busy = json({ error: { message: 'Busy.' } }, 503, { 'retry-after-ms': '1' })
    const cut: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('first')
      setTimeout(() => response.socket?.resetAndDestroy(), 20)
    }
    vendor.answerWith(busy, sound('ID3'))
    expect(await bytes(await speak())).toBe('ID3')
    vendor.answerWith(cut)
    const speech = await speak()
    expect(await thrownBy(() => bytes(speech))).toMatchObject({ code: 'interrupted', provider: 'openai' })
    expect(vendor.requests).toHaveLength(1)
  })

  it('leaves nothing behind on a signal that is kept for long', async () => {
    vendor.answerWith(sound('ID3'))
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    expect(await bytes(await speak({ signal }))).toBe('ID3')
    expect(added).toHaveBeenCalled()
    const listeners = (calls: unknown[][]) => calls.map(([type, listener]) => [type, listener])
    expect(listeners(removed.mock.calls)).toEqual(listeners(added.mock.calls))
  })

  it.each([
    ['nothing', sound(''), 'invalid-reply'],
    ['JSON', json({ ok: true }), 'invalid-reply'],
    ['an error inside a 200', json({ error: { code: 'insufficient_quota', message: 'No.' } }), 'out-of-credit'],
    ['a bad key', json({ error: { code: 'invalid_api_key', message: 'No.' } }, 401), 'authentication'],
  ])('with %s is an error', async (_what, answer, code) => {
    vendor.answerWith(answer)
    expect(await thrownBy(() => speak())).toMatchObject({ code, provider: 'openai', model: 'tts-1' })
  })

  it.each([
    [{ input: '' }, 'input', 'invalid-request'],
    [{ voice: '' }, 'voice', 'invalid-request'],
    [{ format: 'midi' }, 'format', 'invalid-request'],
    [{ speed: 5 }, 'speed', 'invalid-request'],
    [{ timeout: { connect: 1 } }, 'timeout.connect', 'invalid-request'],
    [{ model: 'whisper-1' }, 'model', 'unsupported'],
  ])('refuses %j before anything is sent', async (wrong: object, parameter, code) => {
    vendor.answerWith(sound('ID3'))
    expect(await thrownBy(() => speak(wrong))).toMatchObject({ code, parameter, provider: 'openai' })
    expect(vendor.requests).toEqual([])
  })

  it('ends when it is aborted, or one of its times is over (A01, A03, A05)', async () => {
    vendor.answerWith(() => {})
    expect(await thrownBy(() => speak({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' })
    expect(vendor.requests).toEqual([])
    const silent = () => speak({ timeout: { firstToken: 50 } })
    expect(await thrownBy(silent)).toMatchObject({ code: 'timeout', parameter: 'timeout.firstToken' })
    vendor.answerWith((response) => void response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('first'))
    const heard = async (params: Partial<AISpeechParams>) => bytes(await speak(params))
    const stalled = () => heard({ timeout: { idle: 50 } })
    expect(await thrownBy(stalled)).toMatchObject({ code: 'timeout', parameter: 'timeout.idle' })
    const late = () => heard({ timeout: { total: 100 } })
    expect(await thrownBy(late)).toMatchObject({ code: 'timeout', parameter: 'timeout.total' })
    const controller = new AbortController()
    const aborted = await speak({ signal: controller.signal })
    setTimeout(() => controller.abort(), 20)
    expect(await thrownBy(() => bytes(aborted))).toMatchObject({ code: 'aborted' })
  })
})

describe('audio.transcribe', () => {
  const file = { filename: 'talk.mp3', data: Buffer.from('ID3 sound') }
  const transcribe = async (provider: string, model: string, rest: object = {}) => {
    const found = ai(provider)
    if (!found.audio?.transcribe) throw new Error(`${provider} listens.`)
    return await found.audio.transcribe({ model, file, ...rest })
  }
  const form = async () => {
    const { text: body = '', headers } = vendor.requests[0] ?? {}
    const type = headers?.['content-type'] ?? ''
    const sent = await new Response(body, { headers: { 'content-type': type } }).formData()
    const fields = [...sent].map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `${value.name} ${value.type}`,
    ])
    return Object.fromEntries(fields)
  }

  it('gives the text, and what the vendor tells besides (M08)', async () => {
    const usage = { type: 'tokens', input_tokens: 26, output_tokens: 5, total_tokens: 31 }
    vendor.answerWith(json({ text: 'Hello friend.', usage }))
    expect(await transcribe('openai', 'gpt-4o-transcribe', { language: 'en', prompt: 'A friend.' })).toEqual({
      text: 'Hello friend.',
      language: undefined,
      durationSeconds: undefined,
      segments: undefined,
      usage: { promptTokens: 26, completionTokens: 5, totalTokens: 31, raw: usage },
    })
    expect(vendor.requests[0]?.path).toBe('/api/v1/ai-providers/proxy/openai/v1/audio/transcriptions')
    expect(await form()).toEqual({
      model: 'gpt-4o-transcribe',
      file: 'talk.mp3 audio/mpeg',
      language: 'en',
      prompt: 'A friend.',
    })
  })

  it.each([
    ['openai', 'whisper-1', { response_format: 'verbose_json' }],
    ['openai', 'gpt-4o-transcribe-diarize', { response_format: 'diarized_json', chunking_strategy: 'auto' }],
    ['groq', 'whisper-large-v3-turbo', { response_format: 'verbose_json' }],
    ['mistral', 'voxtral-mini-latest', {}],
    ['groq', 'of-tomorrow', {}],
  ])('%s %s: asks for the form that tells the most', async (provider, model, asked) => {
    const segment = { id: 0, start: 0, end: 1.5, text: ' Hello.', speaker: 'A' }
    vendor.answerWith(json({ text: 'Hello.', language: 'english', duration: 1.5, segments: [segment] }))
    expect(await transcribe(provider, model)).toMatchObject({
      text: 'Hello.',
      language: 'english',
      durationSeconds: 1.5,
      segments: [{ text: ' Hello.', start: 0, end: 1.5, speaker: 'A' }],
    })
    expect(await form()).toEqual({ model, file: 'talk.mp3 audio/mpeg', ...asked })
  })

  it('takes base64, with a name by its type; silence is a text without words', async () => {
    vendor.answerWith(json({ text: '', usage: { type: 'duration', seconds: 3 }, languages: [{ code: 'de' }] }))
    const sound = { base64: 'AAAA', mediaType: 'audio/wav' }
    expect(await transcribe('openai', 'gpt-transcribe', { file: sound })).toMatchObject({
      text: '',
      language: 'de',
      durationSeconds: 3,
      usage: undefined,
    })
    expect(await form()).toMatchObject({ file: 'audio.wav audio/wav' })
  })

  it('gives subtitles as a text when advanced options ask for them', async () => {
    vendor.answerWith(text('WEBVTT\n\n00:00'))
    const advancedOptions = { response_format: 'vtt' }
    expect(await transcribe('openai', 'whisper-1', { advancedOptions })).toEqual({ text: 'WEBVTT\n\n00:00' })
    expect(await form()).toMatchObject({ response_format: 'vtt' })
  })

  it.each([
    [{ file: { url: 'https://example.com/a.mp3' } }, 'file', 'invalid-request', 'file is a URL'],
    [{ file: { filename: 'a.txt', data: Buffer.from('Hello') } }, 'file (a.txt)', 'invalid-request', 'unknown type'],
    [{ file: 'a.mp3' }, 'file', 'invalid-request', 'file is "a.mp3"'],
    [{ language: 'English' }, 'language', 'invalid-request', 'ISO 639-1'],
    [{ temperature: 0 }, 'temperature', 'invalid-request', 'is not a parameter'],
    [{ model: 'tts-1' }, 'model', 'unsupported', 'whisper-1'],
    [
      { file: { base64: Buffer.alloc(33 * 1024 * 1024).toString('base64'), mediaType: 'audio/wav' } },
      'file',
      'too-large',
      'file has 34603008 bytes',
    ],
  ])('refuses wrong %# before anything is sent (M03)', async (wrong: object, parameter, code, words) => {
    vendor.answerWith(json({ text: 'Hello.' }))
    const error = await thrownBy(() => transcribe('openai', 'whisper-1', wrong))
    expect(error).toMatchObject({ code, parameter, provider: 'openai' })
    expect(String(error)).toContain(words)
    expect(vendor.requests).toEqual([])
  })

  it.each([
    ['no text', json({}), 'invalid-reply'],
    ['half of its JSON', text('{"a":', 200, { 'content-type': 'application/json' }), 'invalid-reply'],
    ['an error inside a 200', json({ error: { message: 'No.', code: 'insufficient_quota' } }), 'out-of-credit'],
    ['a bad key', json({ error: { message: 'No.', code: 'invalid_api_key' } }, 401), 'authentication'],
  ])('a reply with %s is an error', async (_what, answer, code) => {
    vendor.answerWith(answer)
    expect(await thrownBy(() => transcribe('openai', 'whisper-1'))).toMatchObject({ code, model: 'whisper-1' })
  })

  it('tries again after a passing failure, and ends when it is aborted or its time is over', async () => {
    vendor.answerWith(json({ error: { message: 'Busy.' } }, 503, { 'retry-after-ms': '1' }), json({ text: 'Hello.' }))
    expect(await transcribe('groq', 'whisper-large-v3')).toMatchObject({ text: 'Hello.' })
    vendor.answerWith(() => {})
    const aborted = () => transcribe('openai', 'whisper-1', { signal: AbortSignal.abort() })
    expect(await thrownBy(aborted)).toMatchObject({ code: 'aborted' })
    expect(vendor.requests).toEqual([])
    const late = () => transcribe('openai', 'whisper-1', { timeout: { total: 50 }, retries: 0 })
    expect(await thrownBy(late)).toMatchObject({ code: 'timeout', parameter: 'timeout.total' })
  })
})

describe('a transcript as a stream', () => {
  it('is refused before anything is sent', async () => {
    vendor.answerWith(json({ text: 'Hello.' }))
    const openai = ai('openai')
    if (!openai.audio?.transcribe) throw new Error('OpenAI listens.')
    const file = { filename: 'talk.mp3', data: Buffer.from('ID3 sound') }
    const { transcribe } = openai.audio
    const ask = () => transcribe({ model: 'gpt-4o-transcribe', file, advancedOptions: { stream: true } })
    expect(await thrownBy(ask)).toMatchObject({ code: 'unsupported', parameter: 'advancedOptions.stream' })
    expect(vendor.requests).toEqual([])
  })
})

describe('ai.audio has only what the provider offers', () => {
  it.each([
    ['openai', true, true],
    ['groq', true, true],
    ['openrouter', true, false],
    ['anthropic', false, false],
  ])('%s: speaks %s, listens %s', (provider, speaks, listens) => {
    expect(ai(provider).audio?.speech !== undefined).toBe(speaks)
    expect(ai(provider).audio?.transcribe !== undefined).toBe(listens)
  })

  it('for a provider that is not in the registry', () => {
    const chat = { text: async () => ({ choices: [] }) }
    const toy = createAI({ provider: 'TOY', chat, audio: { transcribe: async () => ({ text: '' }) } }, 'toy')
    expect(toy.audio).toEqual({ transcribe: expect.any(Function) })
  })
})
