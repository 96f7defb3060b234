import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AIChatRequest, type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConformanceOptions } from '../src/check.ts'
import { CHECKS } from '../src/checks/index.ts'
import { detectProtocol, modelsOf } from '../src/context.ts'
import { leftoversOf } from '../src/leftovers.ts'
import { runCheck, runConformance } from '../src/run.ts'
import { fakeVendorTarget } from '../src/targets/targets.ts'

const groq: AiProviderMetadata = AiProviders.find(({ value }) => value === 'groq') ?? AiProviders[0]
const entry: AiProviderMetadata = { ...groq, value: 'new', label: 'New' }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leftovers-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function fileWith(text: string): Promise<string> {
  const file = join(folder, 'new.ts')
  await writeFile(file, text)
  return file
}

describe("leftovers of the generator's template", () => {
  it.each(AiProviders)('are not in $value', (known) => {
    expect(leftoversOf(known, AiProviders)).toEqual([])
  })

  it('include each TODO of the file, with its line', async () => {
    const file = await fileWith('// see below\n/** TODO: models */\n/** @see https://docs.new.ai/models */\n')
    expect(leftoversOf(entry, AiProviders, file)).toEqual([expect.stringMatching(/new\.ts:2: still to do: .*models/)])
    expect(leftoversOf(entry, AiProviders, pathToFileURL(file).href)).toHaveLength(1)
  })

  it.each([
    'export const models = 1\n',
    '/** `@see` the reference of its API. */\n',
    '/** @see https://docs.my-vendor.com/api */\n',
    '/** @see https://example.com */\n',
  ])('include a missing link in %j', async (text) => {
    const leftovers = leftoversOf(entry, AiProviders, await fileWith(text))
    expect(leftovers).toEqual([expect.stringMatching(/new\.ts: no link to the provider's docs; add "@see https:/)])
  })

  it.each([
    [
      {
        models: [
          { value: 'large', label: 'L' },
          { value: 'model-2', label: 'M' },
        ],
      },
      /^models has "model-2" from the te/,
    ],
    [
      { defaultBaseUrl: 'https://api.new.example' },
      /^defaultBaseUrl has the template's address https:\/\/api\.new\.ex/,
    ],
    [{ defaultBaseUrl: 'https://api.my-vendor.com/openai' }, /^defaultBaseUrl has the template's address/],
    [{ instructionsMarkdown: '1. Open https://example.com.' }, /^instructionsMarkdown has the template's address/],
  ])('include the entry field %j', (change, words) => {
    expect(leftoversOf({ ...entry, ...change }, AiProviders)).toEqual([expect.stringMatching(words)])
  })

  it('include a missing provider file', () => {
    expect(leftoversOf(entry, [...AiProviders, entry])).toEqual([expect.stringContaining('set `source`')])
    expect(leftoversOf(entry, AiProviders, join(folder, 'nowhere.ts'))).toHaveLength(1)
  })

  it('fail the suite', async () => {
    const source = await fileWith('// TODO\n')
    const unfinished = { ...entry, models: [{ value: 'model-1', label: '1' }] }
    const { outcome, message } = await runOne('S04', unfinished, { source })
    expect(outcome).toBe('failed')
    expect(message?.split('\n')).toHaveLength(3)
  })
})

it('an unknown protocol is reported once', async () => {
  const odd: AiProviderMetadata = {
    ...entry,
    models: [],
    factory: ({ serverUrl }) => ({
      provider: 'NEW',
      chat: {
        text: async ({ messages }: AIChatRequest) => {
          await fetch(`${serverUrl}/v1/unknown`, { method: 'POST', body: JSON.stringify({ messages }) })
          return { choices: [{ content: 'Hello' }] }
        },
      },
    }),
  }
  const results = await runConformance(odd)
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  expect(failed).toEqual([
    expect.objectContaining({
      check: 'S03 chat uses a known protocol',
      message: expect.stringMatching(
        /^POST \S*\/v1\/unknown matches no known protocol \(.*\)\. Correct the path, or add /,
      ),
    }),
  ])
  expect(results.map(({ check }) => check)).not.toContain('X01 text') // chat checks do not apply
})

it('the failure of an unsupported capability says what to declare', async () => {
  const { openai } = Object.fromEntries(AiProviders.map((known) => [known.value, known]))
  if (!openai) throw new Error('The registry has no OpenAI.')
  const refuse = async () => {
    const { AIError } = await import('@activepieces/pieces-common')
    throw new AIError({ code: 'unsupported', message: 'New does not support images.' })
  }
  const blind: AiProviderMetadata = {
    ...openai,
    value: 'new',
    factory: (params) => {
      const ai = openai.factory(params)
      const text: typeof ai.chat.text = (request) =>
        JSON.stringify(request.messages).includes('"image"') ? refuse() : ai.chat.text(request)
      return { provider: 'NEW', chat: { text, ...(ai.chat.structuredOutput && { structuredOutput: () => true }) } }
    },
  }
  const { message } = await runOne('M02', blind)
  expect(message).toMatch(
    /unsupported: New does not support images\. If the provider .* declare it: supports: \{ imageBase64: fal/,
  )
})

async function runOne(id: string, provider: AiProviderMetadata, options: ConformanceOptions = {}) {
  const check = CHECKS.find(({ name }) => name.startsWith(`${id} `))
  const [model = ''] = modelsOf(provider, options)
  if (!check) throw new Error(`Unknown check: ${id}.`)
  const detected = await detectProtocol(provider, options, model)
  return await runCheck(check, { entry: provider, options, model, detected }, fakeVendorTarget)
}
