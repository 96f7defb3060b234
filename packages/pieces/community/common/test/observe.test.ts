import { describe, expect, it } from 'vitest'
import { FINISH_REASON_FIELDS, modelInPath, operationOf, readUsage } from '../src/observe.ts'

describe('operationOf', () => {
  it.each([
    ['POST', '/v1/chat/completions', 'chat'],
    ['POST', '/v1/completions', 'chat'],
    ['POST', '/v1/responses', 'chat'],
    ['POST', '/v1/messages?beta=true', 'chat'],
    ['POST', '/v2/chat', 'chat'],
    ['POST', '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', 'chat'],
    ['POST', '/model/amazon.nova-lite-v1%3A0/converse-stream', 'chat'],
    ['POST', '/v1/embeddings', 'embeddings'],
    ['POST', '/v2/embed', 'embeddings'],
    ['POST', '/v1beta/models/gemini-embedding-2:batchEmbedContents', 'embeddings'],
    ['POST', '/v1/images/edits', 'image'],
    ['POST', '/v1beta/models/imagen-4:predict', 'image'],
    ['POST', '/v1/audio/speech', 'speech'],
    ['POST', '/v1/audio/transcriptions', 'transcription'],
    ['POST', '/v1/moderations', 'moderation'],
    ['GET', '/v1/models?limit=5', 'models'],
    ['POST', '/v1/models', undefined],
    ['POST', '/v1/messages/count_tokens', undefined],
  ])('%s %s is %s', (method, path, operation) => {
    expect(operationOf(method, path)).toBe(operation)
  })
})

describe('modelInPath', () => {
  it.each([
    ['/v1beta/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro'],
    ['/openai/deployments/gpt-4o/chat/completions', 'gpt-4o'],
    ['/model/arn%3Aaws%3Abedrock/converse', 'arn:aws:bedrock'],
    ['/v1/models/my-model/predictions', 'my-model'],
    ['/v1/chat/completions', undefined],
  ])('%s names %s', (path, model) => {
    expect(modelInPath(path)).toBe(model)
  })
})

it('reads the usage of each protocol by its fields', () => {
  const read = (usage: Record<string, unknown>) => readUsage(usage)?.promptTokens
  expect(read({ prompt_tokens: 1, completion_tokens: 2 })).toBe(1)
  expect(read({ input_tokens: 1, output_tokens: 2 })).toBe(1)
  expect(read({ input_tokens: 1, cache_read_input_tokens: 2 })).toBe(3)
  expect(read({ promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 })).toBe(1)
  expect(read({ inputTokens: 1, outputTokens: 2 })).toBe(1)
  expect(read({ tokens: { input_tokens: 1, output_tokens: 2 } })).toBe(1)
  expect(read({ billed_units: { input_tokens: 1, output_tokens: 2 } })).toBe(1)
  expect(read({ input_token_count: 1, output_token_count: 2 })).toBe(1)
  expect(readUsage({ seconds: 1 })).toBeUndefined()
})

it('knows the finish reason fields of all protocols that have one', () => {
  expect(FINISH_REASON_FIELDS).toEqual(['finish_reason', 'stop_reason', 'finishReason', 'stopReason'])
})
