import type { AIChatMessage, AIModel } from '@activepieces/pieces-common'
import { AIError } from '@activepieces/pieces-common'
import type { Check, Context } from '../check.ts'
import { equal, ok, outcomeOf } from '../expect.ts'
import { isObject } from '../targets/fake-vendor.ts'

/** Checks of requests. */
export const REQUEST_CHECKS: readonly Check[] = [
  {
    name: 'R01 base URL with a prefix and a trailing slash',
    run: async ({ aiAt, vendor, encodeReply, ask, sent, model }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      await ask('plain')
      const { path } = sent()
      for (const [end, prefix] of [
        ['/', ''],
        ['/deep/er', '/deep/er'],
        ['/deep/er/', '/deep/er'],
      ] as const) {
        await aiAt(`${vendor.url}${end}`).chat.text({ ...QUESTION, model, retries: 0 })
        equal(sent().path, `${prefix}${path}`, `the path below "${end}"`)
      }
    },
  },
  { name: 'R03 the engine token is the only credential sent', run: noOtherCredential },
  {
    name: 'R03 each AI sends its own token',
    run: async ({ aiAt, vendor, encodeReply, sent, model }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      const ais = ['first-token', 'second-token'].map((token) => ({ token, ai: aiAt(vendor.url, token) }))
      for (const { token, ai } of [...ais, ...ais]) {
        await ai.chat.text({ ...QUESTION, model, retries: 0 })
        equal(sent().headers.authorization, `Bearer ${token}`, 'the header')
      }
    },
  },
  {
    name: 'R04 unset parameters are not sent',
    run: async (context) => {
      const { vendor, encodeReply, sent, protocol, modes } = context
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      for (const mode of modes) {
        await context.ask(mode)
        const { decoded, body } = sent()
        equal(decoded.temperature, undefined, 'the temperature of a call without creativity')
        if (!protocol.features.requiresMaxTokens)
          equal(decoded.maxTokens, undefined, 'the token limit of a call without maxTokens')
        equal(decoded.stop, undefined, 'the stop sequences of a call without stop')
        const blank = Object.keys(body).filter((field) => body[field] === null || body[field] === '')
        ok(blank.length === 0, `empty fields are sent: ${blank.join(', ')}`)
      }
    },
  },
  { name: 'R05 parameters are sent, unsupported ones dropped with a warning', run: parametersAreSent },
  { name: 'R05 reasoning effort is sent, or dropped with a warning', run: effortIsSent },
  {
    name: 'R06 system text is sent once, where the protocol expects it',
    run: async ({ vendor, encodeReply, ask, sent, modes }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      for (const mode of modes) {
        await ask(mode, { messages: [{ role: 'system', content: 'Be brief.' }, ...QUESTION.messages] })
        const { decoded, text } = sent()
        equal(decoded.system, ['Be brief.'], 'the system text')
        equal(decoded.turns, [{ role: 'user', text: 'What is a piece?' }], 'the turns')
        equal(text.split('Be brief.').length - 1, 1, 'how often the system text is sent')
      }
    },
  },
  {
    name: 'R07 consecutive messages keep their order and roles',
    run: async ({ vendor, encodeReply, ask, sent, modes }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      const messages: AIChatMessage[] = [
        { role: 'user', content: 'First.' },
        { role: 'user', content: 'Second.' },
        { role: 'assistant', content: 'Third.' },
        { role: 'user', content: [{ type: 'text', text: 'Fourth.' }] },
      ]
      for (const mode of modes) {
        await ask(mode, { messages })
        const { turns } = sent().decoded
        equal(turns.map(({ text }) => text).join(''), 'First.Second.Third.Fourth.', 'the text of all turns')
        const roleOf = (content: string) => turns.find(({ text }) => text.includes(content))?.role
        equal(
          ['First.', 'Second.', 'Third.', 'Fourth.'].map(roleOf),
          ['user', 'user', 'assistant', 'user'],
          'the roles',
        )
      }
    },
  },
  {
    name: 'R08 an empty list of tools is the same as no tools',
    run: async ({ vendor, encodeReply, ask, sent, modes }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      for (const mode of modes) {
        await ask(mode)
        const without = sent().text
        await ask(mode, { tools: [] })
        equal(sent().text, without, 'the request with tools: []')
      }
    },
  },
  {
    name: 'R10 every character is preserved, both ways',
    run: async ({ vendor, encodeReply, ask, sent, modes }) => {
      vendor.respondWith(encodeReply({ text: [...(ODD.match(/.{1,3}/gsu) ?? [])] }))
      for (const mode of modes) {
        const { completion } = await ask(mode, { messages: [{ role: 'user', content: ODD }] })
        equal(sent().decoded.turns[0]?.text, ODD, 'the text sent')
        equal(completion.choices[0]?.content, ODD, 'the text received')
        await ask(mode, { messages: [{ role: 'user', content: 'half \ud800 of a pair' }] })
        ok(
          /^half (\ud800|\ufffd) of a pair$/.test(sent().decoded.turns[0]?.text ?? ''),
          'a lone surrogate breaks the text',
        )
      }
    },
  },
  { name: 'R11 empty content is sent in a valid form or rejected before the call', run: emptyContent },
  {
    name: 'R12 advancedOptions are passed through',
    sendsUntyped: true,
    run: async ({ vendor, encodeReply, ask, sent, modes }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      const made_up_option = { deep: [1, 'x', null] }
      for (const mode of modes) {
        await ask(mode, { advancedOptions: { made_up_option } })
        equal(sent().body['made_up_option'], made_up_option, 'the option')
      }
    },
  },
  {
    name: 'R14 the same call twice sends the same bytes',
    run: async ({ vendor, encodeReply, ask, sent, modes }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      for (const mode of modes) {
        await ask(mode, { maxTokens: 100 })
        const first = sent()
        await ask(mode, { maxTokens: 100 })
        equal(sent().text, first.text, 'the second request')
        equal(sent().path, first.path, "the second request's path")
      }
    },
  },
  {
    name: "R15 the caller's parameters are not changed",
    run: async ({ vendor, encodeReply, ask, modes, supports }) => {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      const params = {
        messages: [{ role: 'system' as const, content: 'Be brief.' }, ...QUESTION.messages],
        tools: supports('tools') ? [{ name: 'look_up', parameters: { type: 'object', properties: {} } }] : [],
        advancedOptions: {},
      }
      const before = structuredClone(params)
      for (const mode of modes) {
        await ask(mode, params)
        equal(params, before, `${mode}: the caller's parameters`)
      }
    },
  },
  {
    name: 'R16 one call sends one request, and explain returns it',
    run: async ({ vendor, encodeReply, ask, sent, ai, model, modes }) => {
      const params = { ...QUESTION, model, maxTokens: 5000 }
      for (const mode of modes) {
        vendor.respondWith(encodeReply({ text: 'Yes.' }))
        await ask(mode, params)
        equal(vendor.requests.length, 1, `${mode}: the number of requests`)
        const explained = await outcomeOf(() => ai.explain(params, { stream: mode === 'stream' }))
        if (explained instanceof AIError) {
          equal(explained.code, 'unsupported', `${mode}: the code of the error from explain`)
          continue
        }
        equal(explained.body, sent().body, `${mode}: the body from explain`)
        ok(
          sent().path.endsWith(explained.path),
          `${mode}: the path is ${sent().path}; explain returns ${explained.path}`,
        )
      }
    },
  },
]

const QUESTION = { messages: [{ role: 'user' as const, content: 'What is a piece?' }] }

/** Emoji of several code points, right-to-left text, NUL, control characters, escapes, JavaScript line terminators. */
const ODD = 'é 👩‍👩‍👧 ✈️ مرحبا \u0000\u0001 "\\" \u2028 \u2029 \r\n\t 日本 �  end '

async function noOtherCredential({
  entry,
  vendor,
  encodeReply,
  aiAt,
  engineToken,
  model,
  sent,
  modes,
}: Context): Promise<void> {
  const planted = 'planted-in-the-environment'
  const own = `${entry.value.toUpperCase().replaceAll('-', '_')}_API_KEY`
  const names = [own, ...CREDENTIALS].filter((name) => process.env[name] === undefined)
  for (const name of names) process.env[name] = planted
  try {
    vendor.respondWith(encodeReply({ text: 'Yes.' }))
    const ai = aiAt(vendor.url)
    for (const mode of modes) {
      if (mode === 'plain') await ai.chat.text({ ...QUESTION, model, retries: 0 })
      else for await (const _event of ai.chat.stream({ ...QUESTION, model, retries: 0 }));
      const { headers, path, text } = sent()
      const holding = Object.keys(headers).filter((name) => String(headers[name]).includes(engineToken))
      equal(holding, ['authorization'], 'the headers with the engine token')
      equal(headers.authorization, `Bearer ${engineToken}`, 'the header')
      ok(!`${path}${text}`.includes(engineToken), 'the engine token is in the path or the body')
      ok(!`${path}${text}${JSON.stringify(headers)}`.includes(planted), 'a credential from the environment is sent')
      ok(
        !CREDENTIAL_HEADERS.some((name) => name in headers),
        `a credential header is sent: ${Object.keys(headers).join(', ')}`,
      )
    }
  } finally {
    for (const name of names) delete process.env[name]
  }
}

const CREDENTIALS = [
  'OPENAI_API_KEY',
  'OPENAI_ADMIN_KEY',
  'OPENAI_ORG_ID',
  'OPENAI_PROJECT_ID',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
]
const CREDENTIAL_HEADERS = ['x-api-key', 'api-key', 'x-goog-api-key', 'openai-organization', 'openai-project', 'cookie']

async function parametersAreSent(context: Context): Promise<void> {
  const { vendor, encodeReply, ask, sent, entry, modes, modelAccepting, protocol } = context
  vendor.respondWith(encodeReply({ text: 'Yes.' }))
  for (const mode of modes) {
    for (const creativity of [0, 50, 100]) {
      await ask(mode, { model: modelAccepting('creativity'), creativity, maxTokens: 5000 })
      const { decoded } = sent()
      const temperature = Number(decoded.temperature ?? Number.NaN)
      ok(temperature >= 0 && temperature <= 2, `creativity ${creativity} is sent as temperature ${decoded.temperature}`)
      ok((temperature === 0) === (creativity === 0), `creativity ${creativity} is sent as temperature ${temperature}`)
      equal(decoded.maxTokens, 5000, 'the token limit sent for maxTokens 5000')
    }
    for (const model of entry.models.filter((known) => 'systemRole' in known && known.systemRole === 'developer')) {
      await ask(mode, { model: model.value, maxTokens: 5000 })
      ok(
        !('max_tokens' in sent().body),
        `max_tokens is sent, which ${model.value} rejects; expected max_completion_tokens`,
      )
    }
    if (protocol.features.stop) {
      await ask(mode, { model: modelAccepting('stop'), stop: ['END', 'FIN'] })
      equal(sent().decoded.stop, ['END', 'FIN'], 'the stop sequences')
    }
    for (const model of entry.models)
      for (const name of model.refuses ?? []) await unsupportedIsDropped(context, model, name)
  }
}

async function effortIsSent({ vendor, encodeReply, ask, sent, entry, model }: Context): Promise<void> {
  const known = entry.models.find(({ value }) => value === model)?.reasoningEfforts ?? []
  for (const effort of ['low', 'medium', 'high'] as const) {
    vendor.respondWith(encodeReply({ text: 'Yes.' }))
    await ask('plain')
    const without = sent().text
    const { completion } = await ask('plain', { reasoningEffort: effort })
    const warned = completion.warnings.some(({ parameter }) => parameter === 'reasoningEffort')
    ok(!(warned && known.includes(effort)), `${effort} is dropped although ${model} supports it`)
    ok(
      warned !== (sent().text !== without),
      `${effort} is ${warned ? 'sent with a warning' : 'dropped without a warning'}`,
    )
  }
}

const GIVEN = { creativity: 30, maxTokens: 5000, stop: ['END'], parallelToolCalls: false, toolChoice: 'any' } as const

async function unsupportedIsDropped(
  { ask, sent }: Context,
  model: AIModel,
  parameter: NonNullable<AIModel['refuses']>[number],
): Promise<void> {
  const tools = [{ name: 'look_up', parameters: { type: 'object', properties: {} } }]
  const { completion } = await ask('plain', { model: model.value, tools, [parameter]: GIVEN[parameter] })
  const { decoded, body } = sent()
  const values = {
    creativity: decoded.temperature,
    maxTokens: undefined,
    stop: decoded.stop,
    parallelToolCalls: body['parallel_tool_calls'],
    toolChoice: decoded.toolChoice === 'auto' ? undefined : decoded.toolChoice,
  }
  equal(values[parameter], undefined, `the ${parameter} sent to ${model.value}, which does not support it,`)
  const warned = completion.warnings.some((warning) => warning.parameter === parameter)
  ok(warned, `${parameter} is dropped for ${model.value} without a warning`)
}

/** Vendors reject empty text, so a request must not have any, or the call must fail. */
async function emptyContent({ vendor, encodeReply, ask, sent, modes, protocol }: Context): Promise<void> {
  vendor.respondWith(encodeReply({ text: 'Yes.' }))
  const forms: AIChatMessage[][] = [
    [{ role: 'user', content: '' }],
    [{ role: 'user', content: [] }],
    [{ role: 'user', content: [{ type: 'text', text: '' }] }],
    [...QUESTION.messages, { role: 'assistant', content: '' }, { role: 'user', content: 'Well?' }],
  ]
  for (const mode of modes) {
    for (const [index, messages] of forms.entries()) {
      const before = vendor.requests.length
      const outcome = await outcomeOf(() => ask(mode, { messages }))
      const what = `empty content, form ${index + 1}`
      if (outcome instanceof AIError) {
        equal(outcome.code, 'invalid-request', `the code of the error for ${what}`)
        ok(outcome.parameter?.startsWith('messages'), `the error for ${what} does not name the message`)
        equal(vendor.requests.length, before, `the number of requests for ${what}`)
      } else if (protocol.features.rejectsEmptyText)
        ok(!hasEmptyContent(sent().body), `${what}: sent as empty text, which the vendor rejects`)
    }
  }
}

/** Whether any content is empty: a string, an array, or a text block. */
function hasEmptyContent(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasEmptyContent)
  if (!isObject(value)) return false
  const { content, text } = value
  const empty = content === '' || (Array.isArray(content) && content.length === 0) || text === ''
  return empty || Object.values(value).some(hasEmptyContent)
}
