import { type DropdownState, PropertyType } from '@activepieces/pieces-framework'
import { expect, it } from 'vitest'
import { type AIModel, AiProviders, aiProps } from '../src/index.ts'
import { type Answer, json, text, useVendor } from './vendor.ts'

const server = await useVendor()

const props = aiProps('text')

/** The provider dropdown, when the server answers like this. */
async function providers(
  answer: Answer,
  apiUrl = server.apiUrl,
  capability: Parameters<typeof aiProps>[0] = 'text',
): Promise<DropdownState<string>> {
  server.answerWith(answer)
  return aiProps(capability).provider.options({}, contextOf(apiUrl))
}
const contextOf = (apiUrl: string) => {
  // SAFETY: the property uses the server alone of its context.
  return { server: { apiUrl, publicUrl: '', token: 'engine-token-1' } } as Parameters<typeof props.provider.options>[1]
}
const models = (values: Record<string, unknown>) => {
  // SAFETY: the property does not use its context.
  return props.model.options(values, {} as Parameters<typeof props.model.options>[1])
}
const connected = (...data: object[]) => json({ data, next: null, previous: null })

it('is made of the real framework and has no default that may not be among the options (A1)', () => {
  expect(props.provider).toMatchObject({
    type: PropertyType.DROPDOWN,
    displayName: 'Provider',
    required: true,
    refreshers: [],
  })
  expect(props.model).toMatchObject({
    type: PropertyType.DROPDOWN,
    displayName: 'Model',
    required: true,
    refreshers: ['provider'],
  })
  expect(props.advancedOptions).toMatchObject({
    type: PropertyType.DYNAMIC,
    refreshers: ['provider', 'model'],
    required: false,
  })
  for (const property of Object.values(props)) expect(property.defaultValue).toBeUndefined()
})

it('offers the connected providers', async () => {
  const state = await providers(
    connected(
      { provider: 'openai' },
      { provider: 'anthropic', slug: 'anthropic', emulated: true },
      { provider: 'unheard-of' },
    ),
  )
  expect(state).toEqual({
    disabled: false,
    placeholder: 'Select AI Provider',
    options: [
      { label: 'OpenAI', value: 'openai' },
      { label: 'Anthropic – local emulator', value: 'anthropic' },
    ],
  })
  expect(server.requests[0]).toMatchObject({
    path: '/api/v1/ai-providers',
    headers: { authorization: 'Bearer engine-token-1' },
  })
})

it('tells several connections of one vendor apart', async () => {
  const state = await providers(
    connected(
      { provider: 'openai', slug: 'openai', label: 'Main' },
      { provider: 'openai', slug: 'eu', label: 'Europe' },
    ),
  )
  expect(state.options).toEqual([
    { label: 'OpenAI (Main)', value: 'openai' },
    { label: 'OpenAI (Europe)', value: 'openai@eu' },
  ])
})

it('marks what the doctor saw fail and puts it last; what it did not see, or saw of something else, is offered as ever', async () => {
  const saw = (verdicts: object) => ({ doctor: { at: '2026-11-23T20:00:00.000Z', verdicts } })
  const data = connected(
    { provider: 'openai', slug: 'lame', label: 'Lame', ...saw({ text: 'yes', image: 'no' }) },
    { provider: 'openai', slug: 'openai', label: 'Main', ...saw({ text: 'yes', image: 'unknown' }) },
    { provider: 'openai', slug: 'new', label: 'New' },
    { provider: 'openai', slug: 'odd', label: 'Odd', doctor: 'ill' },
  )
  const labels = async (capability: Parameters<typeof aiProps>[0]) =>
    (await providers(data, server.apiUrl, capability)).options.map(({ label }) => label)
  expect(await labels('image')).toEqual([
    'OpenAI (Main)',
    'OpenAI (New)',
    'OpenAI (Odd)',
    'OpenAI (Lame) – failed its check on 2026-11-23',
  ])
  expect((await labels('text'))[0]).toBe('OpenAI (Lame)')
})

it('marks what does none of several things only when all of those that it offers were seen to fail', async () => {
  const doctor = { verdicts: { text: 'no' } }
  server.answerWith(connected({ provider: 'openai', doctor }, { provider: 'anthropic', doctor }))
  const { options } = await aiProps('moderation', 'text').provider.options({}, contextOf(server.apiUrl))
  // Anthropic has text alone; what OpenAI makes of moderation nobody has tried.
  expect(options.map(({ label }) => label)).toEqual(['OpenAI', 'Anthropic – failed its check'])
})

it.each([
  ['nothing is connected', connected(), 'No AI providers configured by the admin.'],
  ['the list is odd', json({}), 'No AI providers configured by the admin.'],
  ['the token has expired', json({}, 401), 'Your session has expired. Reload the page.'],
  ['the server fails', text('oops', 500), "Couldn't load the AI providers (status 500). Try again later."],
  ['the response is not JSON', text('<html>'), "Couldn't reach the server. Try again later."],
])('is disabled and says what to do when %s (A2)', async (_when, answer, placeholder) => {
  expect(await providers(answer)).toEqual({ disabled: true, options: [], placeholder })
})

it('says so when the server is down, and when nothing connected can do it (A2)', async () => {
  expect(await providers(connected(), 'http://127.0.0.1:1/')).toMatchObject({
    disabled: true,
    placeholder: "Couldn't reach the server. Try again later.",
  })
  const state = await providers(connected({ provider: 'anthropic' }), server.apiUrl, 'image')
  expect(state).toMatchObject({
    disabled: true,
    placeholder: 'No connected AI provider supports image. Ask an admin to connect one.',
  })
})

it('offers the models of the provider, of any of its connections', async () => {
  const known: readonly AIModel[] = AiProviders.find((entry) => entry.value === 'openai')?.models ?? []
  const chatting = known.filter(({ supported = ['text'] }) => supported.includes('text'))
  const all = chatting.map(({ label, value }) => ({ label, value }))
  expect(all.length).toBeLessThan(known.length) // those that make images are no choice for text
  expect(await models({ provider: 'openai' })).toEqual({ disabled: false, placeholder: 'Select Model', options: all })
  expect(await models({ provider: 'openai@eu' })).toEqual({
    disabled: false,
    placeholder: 'Select Model',
    options: all,
  })
})

/** The model dropdown of a connection, when its vendor answers the question for its models like this. */
async function liveModels(provider: string, capability: Parameters<typeof aiProps>[0], ...answers: Answer[]) {
  server.answerWith(...answers)
  const at = { apiUrl: `${server.apiUrl}${lists++}/`, publicUrl: '', token: 'engine-token-1' }
  // SAFETY: the property uses the server alone of its context.
  const context = { server: at } as Parameters<typeof props.model.options>[1]
  return aiProps(capability).model.options({ provider }, context)
}
let lists = 0
const listed = (...ids: string[]) => json({ data: ids.map((id) => ({ id })) })
const values = (state: DropdownState<string>) => state.options.map(({ value }) => value)

it('offers what the vendor lists besides: whisper is not offered for chat, a model published yesterday is (M10)', async () => {
  const ids = ['whisper-2', 'gpt-of-yesterday', 'text-embedding-9']
  const chatting = values(await liveModels('openai', 'text', listed(...ids)))
  expect(chatting.at(-1)).toBe('gpt-of-yesterday')
  expect(chatting).toContain('gpt-5.5')
  expect(chatting).not.toContain('whisper-2')
  expect(values(await liveModels('openai', 'transcription', listed(...ids))).at(-1)).toBe('whisper-2')
  expect(values(await liveModels('openai-compatible@my-gateway', 'text', listed(...ids)))).toEqual(['gpt-of-yesterday'])
})

it('offers a vendor whose models only its own list tells', async () => {
  expect((await providers(connected({ provider: 'openai-compatible' }))).options).toHaveLength(1)
})

it("offers the registry's models when the vendor's list fails or is late (A2)", async () => {
  const known = values(await models({ provider: 'openai' }))
  expect(values(await liveModels('openai', 'text', json({}, 401)))).toEqual(known)
  expect(values(await liveModels('openai', 'text', text('<html>')))).toEqual(known)
  expect(values(await liveModels('openai', 'text', () => {}))).toEqual(known)
  expect(await liveModels('openai-compatible', 'text', json({}, 401))).toMatchObject({ disabled: true, options: [] })
}, 10_000)

it('keeps a saved model that is gone, marked', async () => {
  const state = await models({ provider: 'openai', model: 'gpt-1' })
  expect(state.options.at(-1)).toEqual({ label: 'gpt-1 (no longer listed)', value: 'gpt-1' })
})

it.each([
  [undefined, 'Select AI Provider'],
  ['', 'Select AI Provider'],
  [7, 'Select AI Provider'],
  ['gone', 'The provider "gone" no longer exists. Select another one.'],
])('is disabled for provider %j', async (provider, placeholder) => {
  expect(await models({ provider })).toEqual({ disabled: true, options: [], placeholder })
})

it("offers what the chosen model gives besides, by the vendor's own fields, and nothing for others (M8)", async () => {
  const options = async (values: Record<string, unknown>) => {
    // SAFETY: the property does not use its context.
    const context = {} as Parameters<typeof props.advancedOptions.props>[1]
    return Object.keys(await props.advancedOptions.props({ auth: undefined, ...values } as never, context))
  }
  expect(await options({ provider: 'openai@my-gateway', model: 'gpt-image-2' })).toEqual([
    'quality',
    'background',
    'output_format',
  ])
  expect(await options({ provider: 'openai', model: 'gpt-5.5' })).toEqual([])
  expect(await options({ provider: '', model: undefined })).toEqual([])
})

it('marks a connection by what its last call has shown', async () => {
  const slugs = ['key-rejected', 'out-of-credit', 'unreachable', 'active', 'unknown']
  const state = await providers(connected(...slugs.map((status) => ({ provider: 'openai', slug: status, status }))))
  expect(state.options.map(({ label }) => label)).toEqual([
    'OpenAI (key-rejected) – key rejected',
    'OpenAI (out-of-credit) – out of credit',
    'OpenAI (unreachable) – unreachable',
    'OpenAI (active)',
    'OpenAI (unknown)',
  ])
})

it('keeps a saved provider that is gone, marked; and a saved model when there is no list', async () => {
  server.answerWith(connected({ provider: 'openai' }))
  const state = await props.provider.options({ provider: 'openai@gone' }, contextOf(server.apiUrl))
  expect(state.options).toEqual([
    { label: 'OpenAI', value: 'openai' },
    { label: 'openai@gone (no longer listed)', value: 'openai@gone' },
  ])
  const down = await props.provider.options({ provider: 'openai' }, contextOf('http://127.0.0.1:1/'))
  expect(down).toMatchObject({ disabled: true, options: [{ label: 'openai (no longer listed)', value: 'openai' }] })
  expect(await models({ provider: 'openai-compatible', model: 'mine' })).toMatchObject({
    disabled: true,
    options: [{ label: 'mine (no longer listed)', value: 'mine' }],
  })
})

const own = (code: string, status: number) => json({ error: { message: code } }, status, { 'x-ai-proxy-error': code })
it.each([
  ['key is rejected', json({}, 401), 'OpenAI rejected the key of this connection. Ask an admin to enter a valid one.'],
  [
    'connection is gone',
    own('connection-not-found', 404),
    'This OpenAI connection no longer exists. Select another one, or ask an admin to connect it.',
  ],
  ['session is over', own('engine-token-expired', 401), 'Your session has expired. Reload the page.'],
])('says so beside the models that are known, when the %s (A2)', async (_when, answer, placeholder) => {
  const state = await liveModels('openai', 'text', answer)
  expect(state).toMatchObject({ disabled: false, placeholder })
  expect(values(state)).toEqual(values(await models({ provider: 'openai' })))
})

it('a late response for one provider does not replace a newer one for another', async () => {
  let late: (() => void) | undefined
  const context = contextOf(`${server.apiUrl}late/`)
  server.answerWith((response, request) => {
    if (!request.path.includes('/proxy/openai/')) return listed('mistral-new')(response, request)
    late = () => void listed('gpt-late')(response, request)
  })
  const older = props.model.options({ provider: 'openai' }, context)
  await expect.poll(() => late).toBeDefined()
  const newer = values(await props.model.options({ provider: 'mistral' }, context))
  late?.()
  expect(newer.at(-1)).toBe('mistral-new')
  expect(values(await older).at(-1)).toBe('gpt-late')
  expect(values(await props.model.options({ provider: 'mistral' }, context))).toEqual(newer)
})
