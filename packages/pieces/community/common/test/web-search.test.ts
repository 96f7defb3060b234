import { describe, expect, it } from 'vitest'
import { AI } from '../src/index.ts'

const server = { apiUrl: 'http://127.0.0.1:1/api/', token: 'engine-token-1' }
const messages = [{ role: 'user' as const, content: 'What is new?' }]
const tools = [{ name: 'get_time' }]

const explained = (provider: string, model: string, params: object = {}) =>
  AI({ provider, server }).explain({ model, messages, webSearch: true, ...params })

describe('webSearch', () => {
  it.each([
    ['anthropic', 'claude-haiku-4-5', '/v1/messages', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    [
      'gemini',
      'gemini-2.5-flash',
      '/v1beta/models/gemini-2.5-flash:generateContent',
      { tools: [{ googleSearch: {} }] },
    ],
    ['openai', 'gpt-5.5', '/v1/responses', { tools: [{ type: 'web_search' }] }],
    ['openai@eu', 'gpt-5.2-pro', '/v1/responses', { tools: [{ type: 'web_search' }] }],
    ['xai', 'grok-4.5', '/v1/responses', { tools: [{ type: 'web_search' }] }],
    ['openrouter', 'openai/gpt-5', '/v1/chat/completions', { plugins: [{ id: 'web' }] }],
    ['perplexity', 'sonar', '/chat/completions', {}],
  ])('%s is asked for it in its own way', async (provider, model, path, body) => {
    const asked = await explained(provider, model)
    expect(asked.path).toBe(path)
    expect(asked.body).toMatchObject(body)
    expect(asked.body).not.toHaveProperty('webSearch')
  })

  it.each([
    ['anthropic', 'claude-haiku-4-5'],
    ['gemini', 'gemini-2.5-flash'],
    ['openai', 'gpt-5.5'],
  ])('%s searches beside the tools of the caller', async (provider, model) => {
    const { body } = await explained(provider, model, { tools })
    expect(Object(body).tools).toHaveLength(2)
  })

  it.each(['azure-openai', 'deepseek', 'fireworks', 'groq', 'mistral', 'ollama', 'openai-compatible', 'together'])(
    '%s has none: refused before anything is sent',
    async (provider) => {
      await expect(explained(provider, 'some-model')).rejects.toMatchObject({
        code: 'unsupported',
        parameter: 'webSearch',
      })
      await expect(explained(provider, 'some-model', { webSearch: false })).resolves.toMatchObject({ method: 'POST' })
    },
  )
})
