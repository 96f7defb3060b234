import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MODEL, response, text, useResponsesVendor } from './responses-vendor.ts'
import { ASK, chatCompletion, json } from './vendor.ts'

const { vendor, ask, sent } = await useResponsesVendor()

describe('which wire is asked', () => {
  it.each([
    ['gpt-5.5-pro', '/v1/responses'],
    ['gpt-5.2-pro', '/v1/responses'],
    ['gpt-5.5', '/v1/chat/completions'],
    ['gpt-of-tomorrow', '/v1/chat/completions'],
  ])('%s: %s', async (model, path) => {
    const reply = path === '/v1/responses' ? response([text('Yes.')]) : chatCompletion({ content: 'Yes.' })
    const completion = await ask(json(reply), { model })
    expect(vendor.requests[0]?.path).toBe(`/api/v1/ai-providers/proxy/openai${path}`)
    expect(completion.choices[0]?.content).toBe('Yes.')
    const explanation = await vendor.openai().explain({ ...ASK, model })
    expect(explanation).toMatchObject({ method: 'POST', path, body: vendor.requests[0]?.body })
  })
})

describe('a request', () => {
  it('stores nothing and asks for sealed thoughts; what is not set is left out (R04)', async () => {
    expect((await sent({ creativity: undefined, stop: [], tools: [] })).body).toEqual({
      model: MODEL,
      input: [{ role: 'user', content: 'What is a piece?' }],
      store: false,
      include: ['reasoning.encrypted_content'],
    })
  })

  it('has its parameters in their place, and says what it leaves out (M4)', async () => {
    const { body, warnings } = await sent({
      creativity: 50,
      maxTokens: 100,
      stop: ['x'],
      reasoningEffort: 'high',
      messages: [{ role: 'user', content: 'Hi', cache: 'long' }],
    })
    expect(body).toMatchObject({ max_output_tokens: 100, reasoning: { effort: 'high', summary: 'auto' } })
    expect(body).not.toHaveProperty('temperature')
    expect(body).not.toHaveProperty('stop')
    expect(warnings.map(({ type, parameter }) => `${type} ${parameter}`)).toEqual([
      'left-out creativity',
      'left-out stop',
      'left-out cache',
    ])
    const { changes } = await vendor.openai().explain({
      ...ASK,
      model: MODEL,
      maxTokens: 100,
      messages: [{ role: 'user', content: 'Hi', cache: 'short' }],
    })
    expect(changes.map(({ type, parameter }) => `${type} ${parameter}`)).toEqual([
      'renamed maxTokens',
      'left-out cache',
    ])
  })

  it('leaves out an effort that the model does not know', async () => {
    const { body, warnings } = await sent({ reasoningEffort: 'low' })
    expect(body).not.toHaveProperty('reasoning')
    expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoningEffort' }])
  })

  it('has system text as `developer`, once, never empty (M1), and the whole conversation (M2, R07)', async () => {
    const { body } = await sent({
      messages: [
        { role: 'system', content: '' },
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two', phase: 'final_answer' },
        { role: 'user', content: 'Three' },
        { role: 'user', content: 'Four' },
      ],
    })
    expect(body).not.toHaveProperty('instructions')
    expect(body['input']).toEqual([
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two', phase: 'final_answer' },
      { role: 'user', content: 'Three' },
      { role: 'user', content: 'Four' },
    ])
  })

  it('has images and documents, by URL and by their bytes (M01, M02, M04)', async () => {
    const pdf = Buffer.from('%PDF-1.7').toString('base64')
    const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
    const content = [
      { type: 'text', text: 'Look.' },
      { type: 'image', image: { url: 'https://example.com/a.png' } },
      { type: 'image', image: { base64: png, mediaType: 'image/png' } },
      { type: 'file', file: { url: 'https://example.com/a.pdf' } },
      { type: 'file', file: { base64: pdf, mediaType: 'application/pdf', filename: 'a.pdf' } },
    ]
    const { body } = await sent({ messages: [{ role: 'user', content }] })
    expect(body['input']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look.' },
          { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
          { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
          { type: 'input_file', file_url: 'https://example.com/a.pdf' },
          { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
        ],
      },
    ])
  })

  it('has tools and the choice among them (T07)', async () => {
    const parameters = z.object({ city: z.string(), unit: z.string().optional() })
    const tools = [{ name: 'weather', description: 'The weather of a city.', parameters }, { name: 'now' }]
    const { body } = await sent({ tools, toolChoice: { tool: 'weather' }, parallelToolCalls: false })
    expect(body).toMatchObject({
      tools: [
        {
          type: 'function',
          name: 'weather',
          description: 'The weather of a city.',
          parameters: { type: 'object', required: ['city'] },
          strict: false,
        },
        { type: 'function', name: 'now', parameters: { type: 'object', properties: {} }, strict: false },
      ],
      tool_choice: { type: 'function', name: 'weather' },
      parallel_tool_calls: false,
    })
    for (const [toolChoice, wire] of [
      ['auto', 'auto'],
      ['any', 'required'],
      ['none', 'none'],
    ]) {
      expect((await sent({ tools, toolChoice })).body['tool_choice']).toBe(wire)
    }
  })

  it('carries results of tools, files and failures too (T08)', async () => {
    const id = `odd id ${'x'.repeat(400)}`
    const { body } = await sent({
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: 'Let me see.',
          toolCalls: [
            { id: 'call_1', name: 'weather', arguments: { city: 'Rome' } },
            { id, name: 'map', arguments: {} },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: 'no station', isError: true },
        { role: 'tool', toolCallId: id, content: [{ type: 'image', image: { url: 'https://example.com/a.png' } }] },
      ],
    })
    const calls = { role: 'assistant', content: 'Let me see.' }
    expect(body['input']).toEqual([
      { role: 'user', content: 'Weather?' },
      calls,
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
      { type: 'function_call', call_id: 'call_0_407', name: 'map', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'Error: no station' },
      {
        type: 'function_call_output',
        call_id: 'call_0_407',
        output: [{ type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' }],
      },
    ])
  })

  it('has advanced options last; one of `reasoning` leaves the others in place', async () => {
    const advancedOptions = { store: true, truncation: 'auto', reasoning: { summary: 'detailed' } }
    expect((await sent({ reasoningEffort: 'high', advancedOptions })).body).toMatchObject({
      store: true,
      truncation: 'auto',
      reasoning: { effort: 'high', summary: 'detailed' },
    })
  })
})
