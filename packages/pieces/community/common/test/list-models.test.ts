import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AICapability, type AIModel, AiProviders, capabilitiesOf, listModels } from '../src/index.ts'
import { classifyModel, mergeModels } from '../src/lib/ai/protocols/shared/model-list.ts'
import { type Answer, json, startVendor, text, thrownBy, type Vendor } from './vendor.ts'

let vendor: Vendor
let run = 0
beforeAll(async () => {
  vendor = await startVendor()
})
afterEach(() => vi.useRealTimers())
afterAll(() => vendor.close())

/** Another server each time, as far as the cache can tell. */
const server = () => ({ apiUrl: `${vendor.apiUrl}${run++}/`, token: 'engine-token-1' })
const known = (provider: string): readonly AIModel[] =>
  AiProviders.find(({ value }) => value === provider)?.models ?? []
const list = (...ids: string[]) => json({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) })
const busy = json({ error: { message: 'No.' } }, 401)

describe('classifyModel', () => {
  const cases: [AICapability | 'nothing', string[]][] = [
    ['text', ['gpt-5.5', 'o3', 'claude-opus-5', 'gpt-4o-audio-preview', 'of-tomorrow', 'llama-guard-4', 'gpt-4-turbo']],
    ['embedding', ['text-embedding-3-small', 'mistral-embed', 'nomic-embed-text', 'BAAI/bge-base-en-v1.5', 'e5-large']],
    ['moderation', ['omni-moderation-latest', 'text-moderation-007', 'mistral-moderation-2411']],
    [
      'transcription',
      ['whisper-1', 'whisper-large-v3-turbo', 'gpt-4o-mini-transcribe', 'voxtral-mini-transcribe-2507'],
    ],
    ['speech', ['tts-1', 'tts-1-hd-1106', 'gpt-4o-mini-tts', 'playai-tts', 'hexgrad/kokoro-82m']],
    ['image', ['dall-e-3', 'gpt-image-1', 'chatgpt-image-latest', 'black-forest-labs/flux-1', 'stable-diffusion-xl']],
    [
      'nothing',
      ['gpt-4o-realtime-preview', 'mistral-ocr-latest', 'davinci-002', 'gpt-3.5-turbo-instruct-0914', 'sora-2'],
    ],
  ]
  it.each(cases)('%s: %j', (capability, ids) => {
    for (const id of ids) expect([id, classifyModel(id)]).toEqual([id, capability === 'nothing' ? [] : [capability]])
  })

  it('knows what every model of the registry can do, by its id alone', () => {
    for (const { value: provider, models } of AiProviders) {
      for (const model of models as readonly AIModel[]) {
        if (capabilitiesOf(model).length > 1) continue // a name tells one
        expect([provider, model.value, classifyModel(model.value)]).toEqual([
          provider,
          model.value,
          capabilitiesOf(model),
        ])
      }
    }
  })
})

describe('mergeModels', () => {
  const a: AIModel = { label: 'A', value: 'a', maxOutputTokens: 9 }
  const b: AIModel = { label: 'B', value: 'b', supported: ['image'] }

  it('keeps what is known of a model, adds what the vendor alone lists, and marks what it does not list', () => {
    const merged = mergeModels(
      [a, b],
      [
        { id: 'whisper-9', label: 'Whisper 9' },
        { id: 'a', supported: ['speech'] },
      ],
    )
    expect(merged).toEqual([
      { ...a, listed: true },
      { ...b, listed: false },
      { label: 'Whisper 9', value: 'whisper-9', supported: ['transcription'], listed: true },
    ])
  })

  it('knows a model by its snapshot, and no other by a name that begins alike', () => {
    const listed = (id: string) => mergeModels([a], [{ id }])[0]?.listed
    expect(['a-20251101', 'a-2026-04-21', 'a:latest', 'a'].map(listed)).toEqual([true, true, true, true])
    expect(['a-mini', 'a-2', 'ab', 'b'].map(listed)).toEqual([false, false, false, false])
  })

  it('makes one of a model that is listed twice', () => {
    const twice = mergeModels(
      [],
      [
        { id: 'v', supported: ['text'] },
        { id: 'v', supported: ['transcription'] },
      ],
    )
    expect(twice).toEqual([{ label: 'v', value: 'v', supported: ['text', 'transcription'], listed: true }])
  })
})

describe('listModels', () => {
  it('asks the vendor: whisper is not offered for chat, a model published yesterday is', async () => {
    vendor.answerWith(list('gpt-5.5', 'whisper-2', 'gpt-of-yesterday'))
    const { models, live, reason } = await listModels({ provider: 'openai@eu', server: server() })
    expect([live, reason]).toEqual([true, undefined])
    expect(models.slice(0, -2).map(({ value }) => value)).toEqual(known('openai').map(({ value }) => value))
    expect(models.slice(-2)).toEqual([
      { label: 'whisper-2', value: 'whisper-2', supported: ['transcription'], listed: true },
      { label: 'gpt-of-yesterday', value: 'gpt-of-yesterday', supported: ['text'], listed: true },
    ])
    expect(models.find(({ value }) => value === 'gpt-5.5')).toMatchObject({ systemRole: 'developer', listed: true })
    expect(models.find(({ value }) => value === 'gpt-5.4')).toMatchObject({ listed: false })
    expect(vendor.requests).toMatchObject([
      {
        method: 'GET',
        path: expect.stringMatching(/\/v1\/ai-providers\/proxy\/openai@eu\/v1\/models$/),
        headers: { authorization: 'Bearer engine-token-1' },
      },
    ])
  })

  it('follows all pages (M10)', async () => {
    const page = (id: string, more: boolean) =>
      json({ data: [{ type: 'model', id, display_name: id.toUpperCase() }], has_more: more, last_id: id })
    vendor.answerWith(page('claude-a', true), page('claude-b', true), page('claude-c', false))
    const { models } = await listModels({ provider: 'anthropic', server: server() })
    expect(models.slice(-3).map(({ label }) => label)).toEqual(['CLAUDE-A', 'CLAUDE-B', 'CLAUDE-C'])
    expect(vendor.requests.map(({ path }) => path.split('/v1/models')[1])).toEqual([
      '?limit=1000',
      '?limit=1000&after_id=claude-a',
      '?limit=1000&after_id=claude-b',
    ])
  })

  it('follows pages that do not name their last id, and ends where they turn in a circle', async () => {
    vendor.answerWith(json({ data: [{ id: 'a' }, { id: 'b' }], has_more: true }))
    const { models } = await listModels({ provider: 'openai-compatible', server: server() })
    expect(models.map(({ value }) => value)).toEqual(['a', 'b'])
    expect(vendor.requests.map(({ path }) => path.split('/v1/models')[1])).toEqual(['', '?after=b'])
  })

  it.each<[string, object, AICapability]>([
    ['Mistral', { capabilities: { completion_chat: false, audio_transcription: true } }, 'transcription'],
    ['Mistral', { capabilities: { completion_chat: true }, type: 'base' }, 'text'],
    ['Together', { type: 'image' }, 'image'],
    ['Together', { type: 'language' }, 'text'],
    ['OpenRouter', { architecture: { output_modalities: ['embeddings'] } }, 'embedding'],
  ])('believes the vendor before the name: %s %j', async (_vendor, model, capability) => {
    vendor.answerWith(json({ data: [{ id: 'tts-of-tomorrow', ...model }] }))
    const { models } = await listModels({ provider: 'openai-compatible', server: server() })
    expect(models[0]?.supported).toEqual([capability])
  })

  it.each([
    ['a bare list', json([{ id: 'a' }]), ['a']],
    ['an empty list', json({ data: [] }), []],
    ['no list where there is none (Ollama)', json({ object: 'list', data: null }), []],
    ['odd items', json({ data: [null, 'x', {}, { id: 7 }, { id: 'a' }] }), ['a']],
  ])('takes %s', async (_what, answer, ids) => {
    vendor.answerWith(answer)
    const { models, live } = await listModels({ provider: 'openai-compatible', server: server() })
    expect([live, models.map(({ value }) => value)]).toEqual([true, ids])
  })

  it.each<[string, Answer, string]>([
    ['refuses the key', busy, 'authentication'],
    ['gives no list', json({ ok: true }), 'invalid-reply'],
    ['gives no JSON', text('<html>'), 'invalid-reply'],
    ['gives half of its JSON', text('{"a":', 200, { 'content-type': 'application/json' }), 'invalid-reply'],
  ])("gives the registry's models and the reason when the vendor %s", async (_when, answer, code) => {
    vendor.answerWith(answer)
    const { models, live, reason } = await listModels({ provider: 'openai', server: server() })
    expect(models).toEqual(known('openai'))
    expect([live, reason?.code, reason?.provider]).toEqual([false, code, 'openai'])
  })

  it("gives the registry's models where the vendor's list does not help, and sends nothing", async () => {
    vendor.answerWith(list('x'))
    const { models, live, reason } = await listModels({ provider: 'azure-openai', server: server() })
    expect([models, live, reason?.code]).toEqual([known('azure-openai'), false, 'unsupported'])
    expect(vendor.requests).toEqual([])
  })

  it('throws where the connection itself is wrong', async () => {
    const unknown = () => listModels({ provider: 'nobody', server: server() })
    expect(await thrownBy(unknown)).toMatchObject({ code: 'unknown-provider' })
    const tokenless = () => listModels({ provider: 'openai', server: { apiUrl: vendor.apiUrl, token: '' } })
    expect(await thrownBy(tokenless)).toMatchObject({ code: 'engine-token' })
  })
})

describe('the lists that are kept', () => {
  it('are asked for once by many callers, by connection, whatever their tokens', async () => {
    vendor.answerWith(list('a'))
    const at = server()
    const ask = (provider: string, token: string) => listModels({ provider, server: { ...at, token } })
    await Promise.all([ask('openai', 't-1'), ask('openai', 't-2'), ask('openai@eu', 't-1')])
    await ask('openai', 't-3')
    expect(vendor.requests).toHaveLength(2)
  })

  it('are asked for again after five minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vendor.answerWith(list('a'))
    const connection = { provider: 'openai', server: server() }
    await listModels(connection)
    vi.setSystemTime(Date.now() + 4 * 60_000)
    await listModels(connection)
    expect(vendor.requests).toHaveLength(1)
    vi.setSystemTime(Date.now() + 61_000)
    await listModels(connection)
    expect(vendor.requests).toHaveLength(2)
  })

  it('are no failures', async () => {
    vendor.answerWith(busy, list('a'))
    const connection = { provider: 'openai', server: server() }
    expect((await listModels(connection)).live).toBe(false)
    expect((await listModels(connection)).live).toBe(true)
  })

  it('are those of the last 100 connections', async () => {
    vendor.answerWith(list('a'))
    const at = server()
    const ask = (slug: number) => listModels({ provider: `openai@${slug}`, server: at })
    for (let slug = 0; slug < 101; slug++) await ask(slug)
    await ask(100)
    await ask(1)
    expect(vendor.requests).toHaveLength(101)
    await ask(0)
    expect(vendor.requests).toHaveLength(102)
    await ask(1) // used a moment ago, so another one had to go
    expect(vendor.requests).toHaveLength(102)
  })
})
