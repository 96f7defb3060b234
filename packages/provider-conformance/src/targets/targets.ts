import type { AiProviderMetadata } from '@activepieces/pieces-common'
import { LLMock } from '@copilotkit/aimock'
import { type FakeVendor, startFakeVendor } from './fake-vendor.ts'
import { startRelay } from './relay.ts'

/** Vendor that the checks run against: a scripted fake, an emulator, or the live API. */
export type Target = {
  readonly name: string
  /** Whether the checks define the vendor's responses. */
  readonly scripted: boolean
  readonly open: (entry: AiProviderMetadata) => Promise<FakeVendor>
}

export const fakeVendorTarget: Target = { name: 'scripted', scripted: true, open: () => startFakeVendor() }

/** Third-party emulator, so that the suite does not rely only on its own fake. Handles the `everywhere` checks. */
export const emulatorTarget: Target = {
  name: 'emulator',
  scripted: false,
  open: async () => {
    const emulator = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 3 })
    emulator.on(
      { toolName: 'get_weather', userMessage: /weather/ },
      { toolCalls: [{ name: 'get_weather', arguments: '{"city":"Paris"}' }], usage: USAGE },
    )
    for (const toolName of ['answer']) {
      emulator.on(
        { toolName, userMessage: /inhabitants/ },
        { toolCalls: [{ name: toolName, arguments: CITY }], usage: USAGE },
      )
    }
    emulator.onMessage(/inhabitants/, { content: CITY, usage: USAGE })
    emulator.onMessage(/hello/, { content: 'Hello 👋', usage: USAGE })
    await emulator.start()
    const relay = await startRelay(emulator.url, { pathOf: emulatedPath })
    return { ...relay, close: async () => void (await Promise.all([relay.close(), emulator.stop()])) }
  },
}

/** Maps the path of a vendor to the one path that the emulator has for the protocol. */
function emulatedPath(path: string): string {
  return path.replace(/^.*(\/(chat\/completions|messages|responses))/, '/v1$1')
}

const CITY = '{"city":"Paris","inhabitants":2100000}'
const USAGE = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, input_tokens: 9, output_tokens: 4 }

/** The vendor's own API, with a key from the environment, e.g. `OPENAI_API_KEY`, and optionally `OPENAI_BASE_URL`. */
export function liveTarget(entry: AiProviderMetadata, env = process.env): Target | undefined {
  const key = env[variableOf(entry, 'API_KEY')]
  if (!key) return undefined
  const headers = { [entry.auth.name.toLowerCase()]: entry.auth.mapper(key) }
  const url = env[variableOf(entry, 'BASE_URL')] ?? entry.defaultBaseUrl
  return { name: 'live', scripted: false, open: () => startRelay(url, { headers }) }
}

/** Name of a provider's environment variable, e.g. `OPENAI_API_KEY`. */
export function variableOf({ value }: AiProviderMetadata, name: 'API_KEY' | 'BASE_URL'): string {
  return `${value.toUpperCase().replaceAll('-', '_')}_${name}`
}
