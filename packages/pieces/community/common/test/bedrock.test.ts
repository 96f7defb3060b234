// Bedrock's Converse: what is sent, and what the vendor really sends.
import { encodeEventStreamFrame, encodeEventStreamMessage } from '@copilotkit/aimock'
import { describe, expect, it } from 'vitest'
import { AI, type AIChatMessage, type AIChatStreamEvent } from '../src/index.ts'
import { collect, json, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const ai = () => AI({ provider: 'amazon-bedrock', server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
const HAIKU = 'global.anthropic.claude-haiku-4-5-20251001-v1:0'
const NOVA = 'global.amazon.nova-2-lite-v1:0'
const ONCE = { model: HAIKU, messages: [{ role: 'user' as const, content: 'What is a piece?' }], retries: 0 }
const TOOLS = [{ name: 'look_up', parameters: { type: 'object', properties: {} } }]
const PNG = 'iVBORw0KGgo='
const PDF = 'JVBERi0xLjQK'

const reply = (content: object[], rest: object = {}) => ({
  output: { message: { role: 'assistant', content } },
  stopReason: 'end_turn',
  usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 },
  ...rest,
})

type Event = [name: string, payload: object]
const STOP: Event = ['messageStop', { stopReason: 'end_turn' }]
const METADATA: Event = ['metadata', { usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 } }]
const delta = (contentBlockIndex: number, of: object): Event => ['contentBlockDelta', { contentBlockIndex, delta: of }]

async function streamed(events: readonly (Event | Buffer)[], params: object = {}) {
  const frames = events.map((event) => (Buffer.isBuffer(event) ? event : encodeEventStreamMessage(...event)))
  vendor.answerWith((response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'r1' })
    response.end(Buffer.concat(frames))
  })
  const all: AIChatStreamEvent[] = await collect(ai().chat.stream({ ...ONCE, ...params }))
  const end = all.at(-1)
  if (end?.type !== 'end') throw new Error('no end')
  return { all, end, completion: end.completion }
}

/** What would be sent, and what is told of it. */
async function sent(params: object) {
  const { body, changes } = await ai().explain({ ...ONCE, ...params })
  // SAFETY: a request of Converse is an object.
  return { body: body as Record<string, unknown>, told: changes.map(({ type, parameter }) => `${type} ${parameter}`) }
}

describe('what is sent', () => {
  it('has the model in its path, encoded, and the token as Bearer', async () => {
    vendor.answerWith(json(reply([{ text: 'Yes.' }])))
    await ai().chat.text(ONCE)
    expect(vendor.requests[0]?.path).toMatch(
      /\/proxy\/amazon-bedrock\/model\/global\.anthropic\.claude-haiku-4-5-20251001-v1%3A0\/converse$/,
    )
    expect(vendor.requests[0]?.headers).toMatchObject({ authorization: 'Bearer engine-token-1' })
    const model = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0'
    const { path } = await ai().explain({ ...ONCE, model }, { stream: true })
    expect(path).toBe(`/model/${encodeURIComponent(model)}/converse-stream`)
  })

  it('no model leads to another place', async () => {
    for (const model of ['../files', 'a/../../b', 'a?key=1', 'a b', 'a//b', '%2e%2e', '/a', 'a/', '..']) {
      const error = await thrownBy(() => ai().explain({ ...ONCE, model }))
      expect(error, model).toMatchObject({ code: 'invalid-request', parameter: 'model' })
    }
  })

  it('limits stand in inferenceConfig, and an advanced option of it leaves ours in place', async () => {
    const limits = { creativity: 30, maxTokens: 500, stop: ['END'] }
    const { body } = await sent({ ...limits, advancedOptions: { inferenceConfig: { topP: 0.5 }, requestMetadata: {} } })
    expect(body['inferenceConfig']).toEqual({ temperature: 0.3, maxTokens: 500, stopSequences: ['END'], topP: 0.5 })
    expect(body['requestMetadata']).toEqual({})
    expect((await sent({})).body).not.toHaveProperty('inferenceConfig')
  })

  it('the two sides take turns: what one says in a row is one message, and results are the user’s', async () => {
    const messages: AIChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One.' },
      { role: 'user', content: 'Two.' },
      { role: 'assistant', content: 'I look.', toolCalls: [{ id: 'a', name: 'look_up', arguments: {} }] },
      { role: 'tool', toolCallId: 'a', content: 'Burned down.', isError: true },
      { role: 'user', content: 'So?' },
    ]
    const { body } = await sent({ messages, tools: TOOLS })
    expect(body['system']).toEqual([{ text: 'Be brief.' }])
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'One.' }, { text: 'Two.' }] },
      {
        role: 'assistant',
        content: [{ text: 'I look.' }, { toolUse: { toolUseId: 'a', name: 'look_up', input: {} } }],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'a', content: [{ text: 'Burned down.' }], status: 'error' } },
          { text: 'So?' },
        ],
      },
    ])
  })

  it('files are bytes, and documents have names that the vendor takes, each once', async () => {
    const file = (filename?: string) => ({
      type: 'file' as const,
      file: { base64: PDF, mediaType: 'application/pdf', filename },
    })
    const content = [
      { type: 'text' as const, text: 'Read.' },
      { type: 'image' as const, image: { base64: PNG, mediaType: 'image/jpeg' } },
      ...['Q3 report.pdf', 'q3_résumé,  final.pdf', 'Q3 report.pdf', undefined, '分期报告.pdf', 'x'.repeat(300)].map(
        file,
      ),
    ]
    const { body } = await sent({ messages: [{ role: 'user', content }] })
    const [, image, ...documents] = Reflect.get(Object(body['messages']), 0).content
    expect(image).toEqual({ image: { format: 'jpeg', source: { bytes: PNG } } })
    expect(documents[0]).toEqual({ document: { format: 'pdf', name: 'Q3 report', source: { bytes: PDF } } })
    const names: string[] = documents.map(({ document }: { document: { name: string } }) => document.name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^(?=.{1,200}$)[a-zA-Z0-9\-()[\]]+( [a-zA-Z0-9\-()[\]]+)*$/)
  })

  it('files by URL are refused in what is asked, and left out of what was said before', async () => {
    const content = [{ type: 'file' as const, file: { url: 'https://example.com/a.pdf' } }]
    const error = await thrownBy(() => sent({ messages: [{ role: 'user', content }] }))
    expect(error).toMatchObject({ code: 'unsupported', parameter: 'messages[0].content[0]' })
    const before = [
      { role: 'user', content },
      { role: 'assistant', content: 'Yes.' },
    ]
    expect((await sent({ messages: [...before, ...ONCE.messages] })).told).toEqual(['left-out messages[0].content[0]'])
  })

  it('tools of a conversation that has used some are named where a call has none', async () => {
    const toolCalls = [{ id: 'a', name: 'look_up', arguments: {} }]
    const messages = [
      ...ONCE.messages,
      { role: 'assistant', content: '', toolCalls },
      { role: 'tool', toolCallId: 'a', content: '' },
    ]
    const { body, told } = await sent({ messages })
    expect(body['toolConfig']).toMatchObject({ tools: [{ toolSpec: { name: 'look_up' } }] })
    expect(told).toEqual(['changed tools'])
    expect((await sent({ messages, tools: TOOLS, toolChoice: 'none' })).told).toEqual(['left-out toolChoice'])
    expect((await sent({ tools: TOOLS, toolChoice: 'none' })).body).not.toHaveProperty('toolConfig')
  })

  it('cache points stand where the hints are; a model without a cache gets none, and the caller is told', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.', cache: 'long' },
      { role: 'user', content: 'Hi.', cache: 'short' },
    ]
    const { body } = await sent({ messages })
    expect(body['system']).toEqual([{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }])
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'Hi.' }, { cachePoint: { type: 'default' } }] },
    ])
    const nova = await sent({ model: NOVA, messages })
    expect(nova.body['system']).toEqual([{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }])
    expect(nova.told).toEqual(['left-out cache'])
    const none = await sent({ model: 'openai.gpt-oss-120b-1:0', messages })
    expect(JSON.stringify(none.body)).not.toContain('cachePoint')
    expect(none.told).toEqual(['left-out cache'])
  })
})

describe('thinking', () => {
  it("is asked for in each maker's own fields, whatever the geography", async () => {
    const fields = async (model: string, reasoningEffort: string) =>
      (await sent({ model, reasoningEffort })).body['additionalModelRequestFields']
    const budget = { thinking: { type: 'enabled', budget_tokens: 2_048 } }
    expect(await fields(HAIKU, 'low')).toEqual(budget)
    expect(await fields('eu.anthropic.claude-haiku-4-5-20251001-v1:0', 'low')).toEqual(budget)
    const arn = 'arn:aws:bedrock:us-east-1:1234:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0'
    expect(await fields(arn, 'low')).toEqual(budget)
    expect(await fields(HAIKU, 'none')).toEqual({ thinking: { type: 'disabled' } })
    expect(await fields('global.anthropic.claude-opus-5-5', 'xhigh')).toEqual({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'xhigh' },
    })
    expect(await fields(NOVA, 'low')).toEqual({ reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } })
    expect(await fields('openai.gpt-oss-20b-1:0', 'high')).toEqual({ reasoning_effort: 'high' })
    expect(await fields('qwen.qwen3-32b-v1:0', 'high')).toEqual({ reasoning_config: 'high' })
    expect(await fields(HAIKU, 'xhigh')).toBeUndefined() // it does not know that one
  })

  it('of a model that nobody knows here is left out, with a word on where it goes', async () => {
    const { body, told } = await sent({ model: 'writer.palmyra-x5-v1:0', reasoningEffort: 'low' })
    expect(body).not.toHaveProperty('additionalModelRequestFields')
    expect(told).toEqual(['left-out reasoningEffort'])
  })

  it('beside the fields of advancedOptions', async () => {
    const advancedOptions = { additionalModelRequestFields: { top_k: 7 } }
    const { body } = await sent({ reasoningEffort: 'none', advancedOptions })
    expect(body['additionalModelRequestFields']).toEqual({ thinking: { type: 'disabled' }, top_k: 7 })
  })

  it('leaves out what a thinking model refuses, and a budget stays below the maximum', async () => {
    const thinking = await sent({
      reasoningEffort: 'high',
      creativity: 10,
      maxTokens: 4_000,
      tools: TOOLS,
      toolChoice: 'any',
    })
    expect(thinking.body['additionalModelRequestFields']).toMatchObject({ thinking: { budget_tokens: 3_999 } })
    expect(thinking.told).toEqual(['left-out creativity', 'left-out toolChoice'])
    expect((await sent({ reasoningEffort: 'high', maxTokens: 100 })).told).toEqual(['left-out reasoningEffort'])
    const nova = await sent({ model: NOVA, reasoningEffort: 'high', creativity: 10, maxTokens: 100 })
    expect(nova.body).not.toHaveProperty('inferenceConfig')
    expect(nova.told).toEqual(['left-out creativity', 'left-out maxTokens'])
  })

  it('seals and closed thoughts go back to models that seal, and to no other', async () => {
    const sealed = { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'seal' } } }
    const closed = { reasoningContent: { redactedContent: 'Y2xvc2Vk' } }
    vendor.answerWith(json(reply([sealed, closed, { text: 'Yes.' }])))
    const [choice] = (await ai().chat.text(ONCE)).choices
    const messages = [...ONCE.messages, choice, { role: 'user', content: 'Go on.' }]
    const { body, told } = await sent({ messages })
    expect(Reflect.get(Object(body['messages']), 1).content).toEqual([sealed, closed, { text: 'Yes.' }])
    expect(told).toEqual([])
    const nova = await sent({ model: NOVA, messages })
    expect(JSON.stringify(nova.body)).not.toContain('seal')
    expect(nova.told).toEqual(['left-out reasoning'])
  })

  it('comes apart from the text in a stream, its seal and closed thoughts with it', async () => {
    const { all, completion } = await streamed([
      delta(0, { reasoningContent: { text: 'H' } }),
      delta(0, { reasoningContent: { text: 'm.' } }),
      delta(0, { reasoningContent: { signature: 'seal' } }),
      delta(1, { reasoningContent: { redactedContent: Buffer.from('clos').toString('base64') } }),
      delta(1, { reasoningContent: { redactedContent: Buffer.from('ed').toString('base64') } }),
      delta(2, { text: 'Yes.' }),
      STOP,
      METADATA,
    ])
    expect(all.map(({ type }) => type)).toEqual(['reasoning-delta', 'reasoning-delta', 'text-delta', 'end'])
    expect(completion.choices[0]?.reasoning).toEqual([
      { text: 'Hm.', signature: 'seal', signedBy: 'amazon-bedrock' },
      { text: '', encrypted: Buffer.from('closed').toString('base64'), signedBy: 'amazon-bedrock' },
    ])
  })
})

describe('a value', () => {
  const schema = { type: 'object', properties: { n: { type: 'number', minimum: 1 } }, required: ['n'] }
  it('is asked for as such where the model has it, its schema as text', async () => {
    vendor.answerWith(json(reply([{ text: '{"n":1}' }])))
    expect((await ai().chat.object({ ...ONCE, schema })).object).toEqual({ n: 1 })
    const sentSchema = { ...schema, properties: { n: { type: 'number' } }, additionalProperties: false }
    expect(vendor.requests[0]?.body['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { name: 'answer', schema: JSON.stringify(sentSchema) } },
      },
    })
  })

  it('and by a forced tool where it has not', async () => {
    const call = { toolUse: { toolUseId: 'tooluse_1', name: 'answer', input: { n: 1 } } }
    vendor.answerWith(json(reply([call], { stopReason: 'tool_use' })))
    expect((await ai().chat.object({ ...ONCE, model: 'amazon.nova-pro-v1:0', schema })).object).toEqual({ n: 1 })
    expect(vendor.requests[0]?.body['toolConfig']).toMatchObject({ toolChoice: { tool: { name: 'answer' } } })
  })
})

describe('what comes', () => {
  it('has the id of its header, the parts of its usage apart, and calls alone that wait for a result', async () => {
    const usage = { inputTokens: 3, outputTokens: 7, cacheReadInputTokens: 100, cacheWriteInputTokens: 20 }
    const theirs = { toolUse: { toolUseId: 't', name: 'nova_grounding', input: {}, type: 'server_tool_use' } }
    vendor.answerWith(
      json(reply([theirs, { text: 'Ye' }, { text: 's.' }], { usage }), 200, { 'x-amzn-requestid': 'r1' }),
    )
    const completion = await ai().chat.text(ONCE)
    expect(completion).toMatchObject({ id: 'r1', model: HAIKU, choices: [{ content: 'Yes.' }], toolCalls: [] })
    expect(completion.usage).toMatchObject({ promptTokens: 123, totalTokens: 130 })
    expect(completion.usage.parts).toMatchObject({ uncached: 3, cacheRead: 100, cacheWrite: 20, output: 7 })
    expect((await ai().cost(completion))?.total).toBeGreaterThan(0)
  })

  it('is whole when it has said why it stopped and what it took, in whatever order', async () => {
    const text = delta(0, { text: 'Yes.' })
    expect((await streamed([text, METADATA, STOP])).end.completeness).toBe('complete')
    expect((await streamed([text, STOP])).end.completeness).toBe('truncated')
    expect((await streamed([text, METADATA])).end.completeness).toBe('truncated')
    expect((await streamed([text])).completion).toMatchObject({ id: 'r1', choices: [{ content: 'Yes.' }] })
  })
})

describe('quirk 41 (Bedrock)', () => {
  const TYPE = ':http://internal.amazon.com/coral/com.amazon.bedrock/'
  const failed = async (status: number, message: string, type?: string) => {
    const headers = { 'x-amzn-requestid': 'r1', ...(type && { 'x-amzn-errortype': type }) }
    vendor.answerWith(json({ message }, status, headers))
    return await thrownBy(() => ai().chat.text(ONCE))
  }

  it('frames have a padding field p', async () => {
    const padded = [
      ['messageStart', { role: 'assistant', p: 'abcdefghijklmn' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Yes.' }, p: 'abc' }],
      ['contentBlockStop', { contentBlockIndex: 0, p: 'abcdefghijklmnopqrstuvwxyzABCDEF' }],
      ['messageStop', { stopReason: 'max_tokens', p: 'ab' }],
      ['metadata', { metrics: { latencyMs: 7 }, p: 'a', usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 } }],
    ] satisfies Event[]
    const { completion } = await streamed(padded)
    expect(completion).toMatchObject({ choices: [{ content: 'Yes.' }], finishReason: 'length' })
  })

  it('the kind of an error is in a header, with an address after the colon', async () => {
    const rows = [
      [400, 'Malformed input request', 'ValidationException', 'invalid-request'],
      [400, 'The provided model identifier is invalid.', 'ValidationException', 'model-not-found'],
      [400, 'Input is too long for requested model.', 'ValidationException', 'context-length'],
      [403, "You don't have access to the model with the specified model ID.", 'AccessDeniedException', 'permission'],
      [408, 'Too slow.', 'ModelTimeoutException', 'timeout'],
      [424, 'The model failed.', 'ModelErrorException', 'server-error'],
      [429, 'The model is not ready.', 'ModelNotReadyException', 'overloaded'],
    ] as const
    for (const [status, message, type, code] of rows) {
      const error = await failed(status, message, `${type}${TYPE}`)
      expect(error, message).toMatchObject({ code, status, vendorCode: type, vendorMessage: message, requestId: 'r1' })
    }
  })

  it('or missing', async () => {
    const error = await failed(400, 'This model does not support the video content block that you provided.')
    expect(error).toMatchObject({ code: 'invalid-request', vendorCode: undefined })
  })

  it('bad credentials are a 403; what stands before the service says Message', async () => {
    const signature = await failed(
      403,
      'The security token included in the request is invalid.',
      `UnrecognizedClientException${TYPE}`,
    )
    expect(signature).toMatchObject({ code: 'authentication', actor: 'admin' })
    const Message = 'Authentication failed: Please make sure your API Key is valid.'
    vendor.answerWith(json({ Message }, 403))
    expect(await thrownBy(() => ai().chat.text(ONCE))).toMatchObject({ code: 'authentication', vendorMessage: Message })
  })

  it('no key is in the words', async () => {
    for (const key of ['ABSKQmVkcm9ja0FQSUtleS0xMjM0NTY3ODkwMTI=', 'bedrock-api-key-YmVkcm9jay5hbWF6b25hd3M=']) {
      const error = await failed(403, `The key ${key} has expired.`)
      expect(JSON.stringify(error)).not.toContain(key.slice(0, 30))
    }
  })

  it('inside a stream it is an exception, and what had come before is kept', async () => {
    const headers = { ':message-type': 'exception', ':exception-type': 'throttlingException' }
    const exception = encodeEventStreamFrame(headers, Buffer.from('{"message":"Too many tokens."}'))
    const error = await thrownBy(() => streamed([delta(0, { text: 'Ye' }), exception]))
    expect(error).toMatchObject({
      code: 'rate-limit',
      vendorMessage: 'Too many tokens.',
      vendorCode: 'ThrottlingException',
    })
    expect(JSON.stringify(Reflect.get(Object(error), 'partial'))).toContain('Ye')
  })
})
