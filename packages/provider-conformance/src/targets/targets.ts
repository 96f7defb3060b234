import type { AiProviderMetadata } from '@activepieces/pieces-common'
import { LLMock } from '@copilotkit/aimock'
import { type FakeVendor, startFakeVendor } from './fake-vendor.ts'
import { startRelay } from './relay.ts'

/** Where the vendor is: on this machine and scripted by each check, an emulator, or the real one. */
export type Target = {
  readonly name: string
  /** The checks say what the vendor answers. */
  readonly scripted: boolean
  readonly open: (entry: AiProviderMetadata) => Promise<FakeVendor>
}

export const fakeVendorTarget: Target = { name: 'scripted', scripted: true, open: () => startFakeVendor() }

/** The emulator: made by others, so that we do not grade our own homework. Knows what the checks ask for everywhere. */
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

/** The emulator has each protocol at one path; some vendors have it at another. */
function emulatedPath(path: string): string {
  return path.replace(/^.*(\/(chat\/completions|messages|responses))/, '/v1$1')
}

const CITY = '{"city":"Paris","inhabitants":2100000}'
const USAGE = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, input_tokens: 9, output_tokens: 4 }

/** The vendor itself, with a key of the environment: `OPENAI_API_KEY`, and `OPENAI_BASE_URL` where it is elsewhere. */
export function liveTarget(entry: AiProviderMetadata, env = process.env): Target | undefined {
  const key = env[variableOf(entry, 'API_KEY')]
  if (!key) return undefined
  const headers = { [entry.auth.name.toLowerCase()]: entry.auth.mapper(key) }
  const url = env[variableOf(entry, 'BASE_URL')] ?? entry.defaultBaseUrl
  return { name: 'live', scripted: false, open: () => startRelay(url, { headers }) }
}

/** The environment variable of a provider, e.g. `OPENAI_API_KEY`. */
export function variableOf({ value }: AiProviderMetadata, name: 'API_KEY' | 'BASE_URL'): string {
  return `${value.toUpperCase().replaceAll('-', '_')}_${name}`
}
