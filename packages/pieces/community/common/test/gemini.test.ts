// Gemini's wire: what is sent, and what the vendor really sends, by the lines of the list of recorded quirks.
import { describe, expect, it } from 'vitest'
import { AI, type AIChatStreamEvent } from '../src/index.ts'
import { collect, json, sse, text, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const ai = () => AI({ provider: 'gemini', server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
const ONCE = {
  model: 'gemini-3.8-flash',
  messages: [{ role: 'user' as const, content: 'What is a piece?' }],
  retries: 0,
}

function reply(parts: object[], candidate: object = {}, rest: object = {}) {
  return {
    candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP', index: 0, ...candidate }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 },
    modelVersion: 'gemini-3.8-flash',
    responseId: 'RE1',
    ...rest,
  }
}

/** A chunk in the middle of a stream. */
const chunk = (...parts: object[]) => reply(parts, { finishReason: undefined })

async function streamed(events: (object | string)[], params: object = {}) {
  vendor.answerWith(sse(events))
  const all: AIChatStreamEvent[] = await collect(ai().chat.stream({ ...ONCE, ...params }))
  const end = all.at(-1)
  if (end?.type !== 'end') throw new Error('no end')
  return { all, end, completion: end.completion }
}

async function bodyOf(params: object) {
  return (await ai().explain({ ...ONCE, ...params })).body
}

describe('what is sent', () => {
  it('has the model in its path, and the token as Bearer', async () => {
    vendor.answerWith(json(reply([{ text: 'Yes.' }])))
    await ai().chat.text(ONCE)
    expect(vendor.requests[0]?.path).toMatch(/\/proxy\/gemini\/v1beta\/models\/gemini-3\.8-flash:generateContent$/)
    expect(vendor.requests[0]?.headers).toMatchObject({ authorization: 'Bearer engine-token-1' })
    await streamed([reply([{ text: 'Yes.' }])], { model: 'tunedModels/mine' })
    expect(vendor.requests[0]?.path).toMatch(/\/v1beta\/tunedModels\/mine:streamGenerateContent\?alt=sse$/)
  })

  it('explain tells the exact path', async () => {
    expect(await ai().explain(ONCE)).toMatchObject({ path: '/v1beta/models/gemini-3.8-flash:generateContent' })
    expect(await ai().explain(ONCE, { stream: true })).toMatchObject({
      path: '/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    })
  })

  it('no model leads to another place', async () => {
    for (const model of ['../files', 'a/../../b', 'a?key=1', 'a:countTokens', 'a b', 'a//b', '%2e%2e']) {
      const error = await thrownBy(() => ai().explain({ ...ONCE, model }))
      expect(error, model).toMatchObject({ code: 'invalid-request', parameter: 'model' })
    }
  })

  it('an effort is a level from Gemini 3 on, and a budget of tokens before', async () => {
    const effort = async (model: string, reasoningEffort: string) =>
      Reflect.get(Object(await bodyOf({ model, reasoningEffort })), 'generationConfig')
    expect(await effort('gemini-3.8-flash', 'low')).toEqual({
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
    })
    expect(await effort('gemini-2.5-flash', 'low')).toEqual({
      thinkingConfig: { includeThoughts: true, thinkingBudget: 2_048 },
    })
    expect(await effort('gemini-2.5-flash', 'none')).toEqual({ thinkingConfig: { thinkingBudget: 0 } })
    expect(await effort('gemini-2.5-pro', 'none')).toBeUndefined() // it always thinks
    expect(await bodyOf({})).not.toHaveProperty('generationConfig')
  })

  it('an advanced option of generationConfig leaves ours in place', async () => {
    const body = await bodyOf({
      creativity: 50,
      advancedOptions: { generationConfig: { topK: 3 }, labels: { team: 'a' } },
    })
    expect(body).toMatchObject({ generationConfig: { temperature: 1, topK: 3 }, labels: { team: 'a' } })
  })

  it('schemas are in the dialect of the vendor', async () => {
    const parameters = {
      type: 'object',
      properties: { const: { type: 'integer', exclusiveMinimum: 0 }, kind: { type: 'string', const: 'a' } },
    }
    expect(await bodyOf({ tools: [{ name: 'f', parameters }] })).toMatchObject({
      tools: [
        {
          functionDeclarations: [
            {
              name: 'f',
              parametersJsonSchema: {
                type: 'object',
                properties: { const: { type: 'integer' }, kind: { type: 'string', enum: ['a'] } },
              },
            },
          ],
        },
      ],
    })
  })

  it('files of a tool stand in its result, and after all results for Gemini 2.5', async () => {
    const image = { type: 'image' as const, image: { url: 'https://example.com/a.jpg?x=1' } }
    const toolCalls = ['a', 'b'].map((id) => ({ id, name: `tool_${id}`, arguments: {}, signature: 'sealed' }))
    const messages = [
      ...ONCE.messages,
      { role: 'assistant', content: '', toolCalls },
      { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'See:' }, image] },
      { role: 'tool', toolCallId: 'b', content: 'No.', isError: true },
    ]
    const files = [{ fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/a.jpg?x=1' } }]
    const a = { id: 'a', name: 'tool_a', response: { output: 'See:' } }
    const b = { functionResponse: { id: 'b', name: 'tool_b', response: { error: 'No.' } } }
    const contentsFor = async (model: string) =>
      Reflect.get(Object(await bodyOf({ model, messages })), 'contents').slice(2)
    expect(await contentsFor('gemini-3.8-flash')).toEqual([
      { role: 'user', parts: [{ functionResponse: { ...a, parts: files } }, b] },
    ])
    expect(await contentsFor('gemini-2.5-flash')).toEqual([
      { role: 'user', parts: [{ functionResponse: a }, b] },
      { role: 'user', parts: files },
    ])
  })

  it('a call of another vendor gets the word that stands for a missing seal, from Gemini 3 on', async () => {
    const messages = [
      ...ONCE.messages,
      {
        role: 'assistant',
        content: '',
        reasoning: [{ text: 'Hm.', id: 'rs_1', signature: 'of another vendor' }],
        toolCalls: ['a', 'b'].map((id) => ({ id, name: 'f', arguments: {} })),
      },
      ...['a', 'b'].map((toolCallId) => ({ role: 'tool', toolCallId, content: 'Yes.' })),
    ]
    const call = (id: string) => ({ functionCall: { id, name: 'f', args: {} } })
    const thoughtSignature = Buffer.from('skip_thought_signature_validator').toString('base64')
    expect(await bodyOf({ messages })).toMatchObject({
      contents: [{}, { role: 'model', parts: [{ ...call('a'), thoughtSignature }, call('b')] }, {}],
    })
    const older = Object(await bodyOf({ messages, model: 'gemini-2.5-flash' }))
    expect(older.contents[1].parts).toEqual([call('a'), call('b')])
  })
})

describe('quirk 23 (Gemini)', () => {
  it('CRLF line ends, no [DONE], no event names: whole when a finish reason came', async () => {
    const body = [chunk({ text: 'One. ' }), reply([{ text: 'Two.' }])].map((data) => `data: ${JSON.stringify(data)}`)
    const { all, end } = await streamed([`${body.join('\r\n\r\n')}\r\n\r\n`])
    expect(all.map(({ type }) => type)).toEqual(['text-delta', 'text-delta', 'end'])
    expect(end).toMatchObject({ completeness: 'complete', completion: { choices: [{ content: 'One. Two.' }] } })
  })

  it('is truncated without one', async () => {
    expect(await streamed([chunk({ text: 'One.' })])).toMatchObject({ end: { completeness: 'truncated' } })
  })

  it('goes on after a first finish reason', async () => {
    const { completion } = await streamed([reply([{ text: 'One. ' }]), reply([{ text: 'Two.' }])])
    expect(completion.choices[0]?.content).toBe('One. Two.')
  })
})

describe('quirk 24 (Gemini)', () => {
  it('STOP beside calls, which have no id and perhaps no args: ids are made up, unique and the same in a stream', async () => {
    const calls = [{ functionCall: { name: 'now' } }, { functionCall: { name: 'now', args: { zone: 'UTC' } } }]
    vendor.answerWith(json(reply(calls)))
    const plain = await ai().chat.text(ONCE)
    expect(plain).toMatchObject({ finishReason: 'tool-calls', rawFinishReason: 'STOP' })
    expect(plain.toolCalls).toEqual([
      { id: 'RE1_0', name: 'now', arguments: {} },
      { id: 'RE1_1', name: 'now', arguments: { zone: 'UTC' } },
    ])
    const { completion } = await streamed([...calls.map((call) => chunk(call)), reply([])])
    expect(completion.toolCalls).toEqual(plain.toolCalls)
  })

  it("Gemini 3's own id is kept", async () => {
    vendor.answerWith(json(reply([{ functionCall: { id: 'g98os1Jf', name: 'now', args: {} } }])))
    expect((await ai().chat.text(ONCE)).toolCalls).toEqual([{ id: 'g98os1Jf', name: 'now', arguments: {} }])
  })

  it('arguments come by parts where that was asked for', async () => {
    const part = (jsonPath: string, value: object) => ({ jsonPath, ...value })
    const more = (...partialArgs: object[]) => chunk({ functionCall: { partialArgs, willContinue: true } })
    const events = [
      chunk({ functionCall: { name: 'cook', willContinue: true } }),
      more(part('$.dish', { stringValue: 'Las', willContinue: true })),
      more(part('$.dish', { stringValue: 'agna' }), part('$.steps[1].hot', { boolValue: true })),
      more(part("$.steps[0]['odd name']", { numberValue: 2 }), part('$.steps[1].__proto__', { nullValue: null })),
      chunk({ functionCall: {} }),
      reply([]),
    ]
    const { all, completion } = await streamed(events)
    expect(all.map(({ type }) => type)).toEqual(['tool-call-delta', 'tool-call', 'end'])
    const steps = [{ 'odd name': 2 }, { hot: true, ['__proto__']: null }]
    expect(JSON.stringify(completion.toolCalls[0]?.arguments)).toBe(JSON.stringify({ dish: 'Lasagna', steps }))
    const cut = await streamed(events.slice(0, 3))
    expect(cut.completion).toMatchObject({ toolCalls: [], warnings: [{ type: 'incomplete', parameter: 'toolCalls' }] })
  })
})

describe('quirk 25 (Gemini)', () => {
  it.each([
    ['MAX_TOKENS', { content: { role: 'model' } }, 'length', undefined],
    ['SAFETY', { content: {} }, 'content-filter', undefined],
    [
      'MODEL_ARMOR',
      { content: undefined, finishMessage: 'It violated a filter.' },
      'content-filter',
      'It violated a filter.',
    ],
  ])('no parts, no content: %s', async (finishReason, candidate, meaning, refusal) => {
    const answer = reply([], { finishReason, ...candidate })
    vendor.answerWith(json(answer))
    const { completion } = { completion: await ai().chat.text(ONCE) }
    expect(completion).toMatchObject({
      finishReason: meaning,
      rawFinishReason: finishReason,
      choices: [{ content: '' }],
    })
    expect(completion.choices[0]?.refusal).toBe(refusal)
    expect((await streamed([answer])).end).toMatchObject({
      completeness: 'complete',
      completion: { finishReason: meaning },
    })
  })

  it('no candidates, but promptFeedback', async () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 9 } }
    vendor.answerWith(json(blocked))
    const completion = await ai().chat.text(ONCE)
    const right = {
      finishReason: 'content-filter',
      rawFinishReason: 'PROHIBITED_CONTENT',
      choices: [{ content: '', refusal: 'The prompt was blocked: PROHIBITED_CONTENT.' }],
    }
    expect(completion).toMatchObject(right)
    expect((await streamed([blocked])).end).toMatchObject({ completeness: 'complete', completion: right })
    vendor.answerWith(json(blocked))
    const schema = { type: 'object', properties: {} }
    expect(await thrownBy(() => ai().chat.object({ ...ONCE, schema }))).toMatchObject({ code: 'refused' })
  })
})

describe('quirk 26 (Gemini)', () => {
  it('seals stand on calls, on text and on an empty last text: all of them go back', async () => {
    const thought = { text: 'Hm.', thought: true }
    const call = { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'seal-of-call' }
    const cases: [object[], object[]][] = [
      [
        [thought, { text: 'Yes.', thoughtSignature: 'seal' }],
        [thought, { text: 'Yes.', thoughtSignature: 'seal' }],
      ],
      [[{ text: 'Yes.' }, { text: '', thoughtSignature: 'seal' }], [{ text: 'Yes.', thoughtSignature: 'seal' }]],
      [[{ text: '', thoughtSignature: 'seal' }], [{ text: '', thoughtSignature: 'seal' }]],
      [
        [thought, call],
        [thought, call],
      ],
    ]
    for (const [said, back] of cases) {
      vendor.answerWith(json(reply(said)))
      const plain = await ai().chat.text(ONCE)
      const { completion } = await streamed([...said.map((part) => chunk(part)), reply([])])
      for (const { choices, toolCalls } of [plain, completion]) {
        const results = toolCalls.map(({ id }) => ({ role: 'tool', toolCallId: id, content: 'Done.' }))
        const { contents } = Object(await bodyOf({ messages: [...ONCE.messages, choices[0], ...results] }))
        expect(contents[1]).toEqual({ role: 'model', parts: back })
      }
    }
  })

  it('thoughts in pieces are one thought', async () => {
    const { all, completion } = await streamed([
      chunk({ text: 'Let me ', thought: true }),
      chunk({ text: 'see.', thought: true }),
      reply([{ text: 'Yes.' }]),
    ])
    expect(all.slice(0, 2)).toEqual(['Let me ', 'see.'].map((said) => ({ type: 'reasoning-delta', text: said })))
    expect(completion.choices[0]).toMatchObject({ content: 'Yes.', reasoning: [{ text: 'Let me see.' }] })
  })
})

describe('quirk 27 (Gemini)', () => {
  it('thoughts are counted beside the answer, the results of tools beside the prompt', async () => {
    const usageMetadata = {
      promptTokenCount: 46,
      candidatesTokenCount: 132,
      thoughtsTokenCount: 396,
      toolUsePromptTokenCount: 901,
      cachedContentTokenCount: 40,
      totalTokenCount: 1475,
    }
    vendor.answerWith(json(reply([{ text: 'Yes.' }], {}, { usageMetadata })))
    expect((await ai().chat.text(ONCE)).usage).toEqual({
      promptTokens: 947,
      completionTokens: 528,
      totalTokens: 1475,
      cacheReadTokens: 40,
      reasoningTokens: 396,
      parts: { uncached: 907, cacheRead: 40, cacheWrite: undefined, output: 132, reasoning: 396 },
      raw: usageMetadata,
    })
  })

  it('candidatesTokenCount may be absent in early chunks, and to the end', async () => {
    const early = { ...chunk({ text: 'One.' }), usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 } }
    expect((await streamed([early])).completion.usage).toMatchObject({ promptTokens: 9, completionTokens: undefined })
    expect((await streamed([early, reply([])])).completion.usage).toMatchObject({
      completionTokens: 4,
      totalTokens: 13,
    })
  })

  it('a finish reason may be a number', async () => {
    for (const [finishReason, meaning] of [
      [1, 'stop'],
      [2, 'length'],
      [3, 'content-filter'],
      [12, 'other'],
    ]) {
      vendor.answerWith(json(reply([{ text: 'Yes.' }], { finishReason })))
      const completion = await ai().chat.text(ONCE)
      expect(completion).toMatchObject({ finishReason: meaning, rawFinishReason: String(finishReason) })
    }
  })

  it('UNEXPECTED_TOOL_CALL is a warning beside a text, and an error without one', async () => {
    const finishMessage = 'Unexpected tool call: print(weather_api.get())'
    const end = { finishReason: 'UNEXPECTED_TOOL_CALL', finishMessage }
    const words = `UNEXPECTED_TOOL_CALL: ${finishMessage}`
    vendor.answerWith(json(reply([{ text: 'Let me see.' }], end)))
    expect(await ai().chat.text(ONCE)).toMatchObject({
      finishReason: 'other',
      warnings: [{ parameter: 'toolCalls', message: words }],
    })
    vendor.answerWith(json(reply([], end)))
    const error = await thrownBy(() => ai().chat.text(ONCE))
    expect(error).toMatchObject({ code: 'invalid-reply', message: expect.stringContaining(words) })
  })
})

describe('quirk 28 (Gemini)', () => {
  const TYPE = 'type.googleapis.com/google.rpc.'
  const failure = (code: number, status: string, message: string, ...details: object[]) => ({
    error: { code, message, status, details },
  })
  const quota = (quotaId: string, retryDelay?: string) =>
    failure(
      429,
      'RESOURCE_EXHAUSTED',
      'You exceeded your current quota, please check your plan and billing details.',
      { '@type': `${TYPE}QuotaFailure`, violations: [{ quotaId }] },
      ...(retryDelay === undefined ? [] : [{ '@type': `${TYPE}RetryInfo`, retryDelay }]),
    )
  const badKey = failure(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', {
    '@type': `${TYPE}ErrorInfo`,
    reason: 'API_KEY_INVALID',
  })

  it.each([
    [badKey, { code: 'authentication', status: 400, actor: 'admin', vendorCode: 'API_KEY_INVALID' }],
    [quota('RequestsPerMinute', '48s'), { code: 'rate-limit', retryAfter: 48, retryable: true }],
    [quota('RequestsPerMinute', '34.4s'), { code: 'rate-limit', retryAfter: 34.4, vendorCode: 'RESOURCE_EXHAUSTED' }],
    [quota('RequestsPerDayPerProject', '48s'), { code: 'out-of-credit', retryable: false, actor: 'admin' }],
    [quota('AnyQuota'), { code: 'out-of-credit' }],
    [failure(403, 'PERMISSION_DENIED', 'No.'), { code: 'permission', vendorCode: 'PERMISSION_DENIED' }],
    [failure(404, 'NOT_FOUND', 'models/x is not found for API version v1beta.'), { code: 'model-not-found' }],
    [failure(404, 'NOT_FOUND', 'Requested entity was not found.'), { code: 'not-found' }],
    [failure(400, 'FAILED_PRECONDITION', 'User location is not supported.'), { code: 'permission', actor: 'admin' }],
    [failure(503, 'UNAVAILABLE', 'The model is overloaded.'), { code: 'overloaded', retryable: true }],
    [failure(400, 'INVALID_ARGUMENT', 'Please use a valid role: user, model.'), { code: 'invalid-request' }],
  ])('%j', async (body, right) => {
    const { code } = body.error
    vendor.answerWith(json(body, code))
    expect(await thrownBy(() => ai().chat.text(ONCE))).toMatchObject({
      status: code,
      vendorMessage: body.error.message,
      ...right,
    })
    vendor.answerWith(json([body], code)) // a stream without alt=sse, and some gateways
    expect(await thrownBy(() => collect(ai().chat.stream(ONCE)))).toMatchObject(right)
    vendor.answerWith(sse([chunk({ text: 'One.' }), body])) // inside a 200
    expect(await thrownBy(() => collect(ai().chat.stream(ONCE)))).toMatchObject({ status: code, ...right })
  })

  it('no key of Google is in the words', async () => {
    const message = "Consumer 'api_key:AIzaSyA1234567890abcdefghijklmnopqrstuv' has been suspended."
    vendor.answerWith(json(failure(403, 'PERMISSION_DENIED', message), 403))
    const error = await thrownBy(() => ai().chat.text(ONCE))
    expect(JSON.stringify(error)).not.toContain('AIzaSy')
    expect(error).toMatchObject({ vendorMessage: "Consumer 'api_key:[redacted]' has been suspended." })
  })

  it('keeps the text of a response that is not JSON, and reports an unreachable server', async () => {
    vendor.answerWith(text('upstream connect error', 503))
    expect(await thrownBy(() => ai().chat.text(ONCE))).toMatchObject({
      code: 'overloaded',
      vendorMessage: 'upstream connect error',
    })
    const nobody = AI({ provider: 'gemini', server: { apiUrl: 'http://127.0.0.1:9', token: 'engine-token-1' } })
    expect(await thrownBy(() => nobody.chat.text(ONCE))).toMatchObject({ code: 'unreachable' })
  })
})

it('what a completion costs is known', async () => {
  vendor.answerWith(json(reply([{ text: 'Yes.' }])))
  expect(await ai().cost(await ai().chat.text(ONCE))).toMatchObject({ currency: 'USD', pricedAs: 'gemini-3.8-flash' })
})
