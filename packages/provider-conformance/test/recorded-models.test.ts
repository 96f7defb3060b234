import { capabilitiesOf, listModels } from '@activepieces/pieces-common'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadExchanges, startReplayServer } from '../src/index.ts'

const all = await loadExchanges(({ api, path }) => api === 'models' && /^\/v1(beta)?\/models(\?|$)/.test(path))
const of = (vendor: string) => all.filter((exchange) => exchange.vendor === vendor)

let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  vendor = await startReplayServer()
})
afterAll(() => vendor.close())

describe.each(['openai', 'anthropic', 'mistral'])('models of %s', (provider) => {
  const exchanges = of(provider)
  it(`are listed with their capabilities: ${exchanges.length} exchanges`, async () => {
    expect(exchanges.length).toBeGreaterThan(0)
    for (const [index, exchange] of exchanges.entries()) {
      vendor.put(`models-${provider}-${index}`, exchange, { bytes: 1021 })
      const server = { apiUrl: vendor.urlOf(`models-${provider}-${index}`), token: 'engine-token' }
      const { models, live, reason } = await listModels({ provider, server })
      expect([live, reason]).toEqual([true, undefined])
      const chatting = models.filter((model) => capabilitiesOf(model).includes('text')).map(({ value }) => value)
      expect(chatting.filter((id) => /whisper|tts|embed|moderation|dall-e|ocr|transcribe|realtime/.test(id))).toEqual(
        [],
      )
      const recorded: { id: string }[] = JSON.parse(exchange.responseBody).data
      for (const { id } of recorded) expect(models.map(({ value }) => value)).toContain(id)
      expect(chatting).toContain(CHATTING[provider])
    }
  })
})

describe('models of gemini', () => {
  const exchanges = of('gemini')
  it(`are listed by their supported methods: ${exchanges.length} exchanges`, async () => {
    expect(exchanges.length).toBeGreaterThan(0)
    for (const [index, exchange] of exchanges.entries()) {
      vendor.put(`models-gemini-${index}`, exchange, { bytes: 1021 })
      const server = { apiUrl: vendor.urlOf(`models-gemini-${index}`), token: 'engine-token' }
      const { models, live, reason } = await listModels({ provider: 'gemini', server })
      expect([live, reason]).toEqual([true, undefined])
      const recorded: { name: string; displayName: string; supportedGenerationMethods: string[] }[] = JSON.parse(
        exchange.responseBody,
      ).models
      for (const { name, displayName, supportedGenerationMethods: methods } of recorded) {
        const model = models.find(({ value }) => `models/${value}` === name)
        if (!model || model.label === model.value) {
          expect([name, model?.listed]).toEqual([name, true]) // from the registry
          continue
        }
        expect([name, model.label]).toEqual([name, displayName])
        const capabilities = capabilitiesOf(model)
        expect([name, capabilities.includes('embedding')]).toEqual([name, methods.includes('embedContent')])
        const makesImages = /image|imagen|nano-banana/.test(name)
        expect([name, capabilities.includes('image')]).toEqual([name, makesImages])
        const chats = methods.includes('generateContent') && !makesImages && !/tts|computer-use/.test(name)
        expect([name, capabilities.includes('text')]).toEqual([name, chats])
      }
    }
  })
})

/** A model that the vendor listed and the registry does not have. */
const CHATTING: Record<string, string> = {
  openai: 'gpt-4.1',
  anthropic: 'claude-3-opus-20240229',
  mistral: 'mistral-medium-2505',
}
