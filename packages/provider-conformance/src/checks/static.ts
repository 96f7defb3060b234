import { AiProviders } from '@activepieces/pieces-common'
import type { Check } from '../check.ts'
import { hasChat } from '../context.ts'
import { faultsOf } from '../entry.ts'
import { equal, errorOf, fail, ok } from '../expect.ts'
import { probeImport } from '../import-probe.ts'
import { leftoversOf } from '../leftovers.ts'
import { registrySource } from '../source.ts'

/** Checks of the registry entry itself. */
export const STATIC_CHECKS: readonly Check[] = [
  {
    name: 'S01 the entry and its models are valid and unique',
    run: ({ entry, registry }) => {
      const known: readonly unknown[] = AiProviders
      const faults = faultsOf(entry, registry, known.includes(entry) ? registrySource() : undefined)
      ok(faults.length === 0, faults.join('\n'))
    },
  },
  {
    name: 'S02 authHeader is pure',
    run: ({ entry: { auth } }) => {
      const [first, again, other] = ['key-1', 'key-1', 'key-2'].map((key) => auth.mapper(key))
      ok(/^[\w-]+$/.test(auth.name), `auth.name is "${auth.name}"; expected a header name`)
      equal(again, first, 'the header of the same key')
      ok(first?.includes('key-1') && other?.includes('key-2'), 'the key is not in its header')
    },
  },
  {
    name: 'S03 chat uses a known protocol',
    applies: ({ entry }) => hasChat(entry),
    run: ({ protocolProblem }) => ok(protocolProblem === undefined, protocolProblem ?? ''),
  },
  {
    name: "S04 no leftovers of the generator's template",
    run: ({ entry, registry, source }) => {
      const leftovers = leftoversOf(entry, registry, source)
      ok(leftovers.length === 0, leftovers.join('\n'))
    },
  },
  {
    name: 'S05 importing the registry loads no SDK',
    run: async ({ module }) => {
      const { packages } = await probeImport(module)
      ok(packages.length === 0, `the import loads ${packages.join(', ')}; expected none: load the SDK on first use`)
    },
  },
  {
    name: 'S06 no network at import',
    run: async ({ module }) => {
      const { calls } = await probeImport(module)
      ok(calls.length === 0, `the import calls ${calls.join(', ')}`)
    },
  },
  {
    name: 'S07 nothing is sent without an engine token',
    applies: ({ entry, registry }) => registry.includes(entry),
    run: async ({ aiAt, vendor, model }) => {
      const messages = [{ role: 'user' as const, content: 'Hello' }]
      const error = await errorOf(async () => aiAt(vendor.url, '').chat.text({ model, messages, retries: 0 }))
      equal(error.code, 'engine-token', 'the code')
      if (vendor.requests.length > 0) fail('a request was sent without a token')
    },
  },
  {
    name: 'S08 creating the AI sends nothing',
    sendsUntyped: true, // the check sends a request of its own
    run: async ({ aiAt, vendor }) => {
      aiAt(vendor.url)
      await new Promise((resolve) => setTimeout(resolve, 30))
      await fetch(`${vendor.url}/later`) // on a busy machine, earlier requests may arrive only now
      const early = vendor.requests.find(({ path }) => path !== '/later')
      ok(early === undefined, `the factory calls ${early?.path}; expected no request before the first call`)
    },
  },
  {
    name: 'S09 a provider without chat rejects it before anything is sent',
    applies: ({ entry }) => !hasChat(entry),
    run: async ({ vendor, ask, entry }) => {
      for (const model of ['unknown-model', ...entry.models.map(({ value }) => value)]) {
        equal((await errorOf(() => ask('plain', { model }))).code, 'unsupported', `the code of a chat with ${model}`)
      }
      ok(vendor.requests.length === 0, 'a request was sent')
    },
  },
]
