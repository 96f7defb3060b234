import type { AiProvider } from '@activepieces/pieces-common'
import type { ConformanceOptions } from './check.ts'

const noFiles = { pdfUrl: false, pdfBase64: false }

/** Options per provider: models to check, and capabilities that differ from the protocol's. Most need none. */
export const OPTIONS: Partial<Record<AiProvider, ConformanceOptions>> = {
  'amazon-bedrock': {
    models: [
      'global.anthropic.claude-haiku-4-5-20251001-v1:0',
      'global.anthropic.claude-opus-5-5',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3',
    ],
    supports: { imageUrl: false },
  },
  anthropic: { models: ['claude-opus-5-5', 'claude-haiku-4-5'] },
  'azure-openai': { models: ['gpt-5.6-sol', 'my-deployment'] },
  cohere: { models: ['command-a-plus-05-2026', 'command-a-03-2025'], supports: noFiles }, // the second model returns a tool plan
  deepseek: { supports: { ...noFiles, imageUrl: false, imageBase64: false } },
  fireworks: { supports: noFiles },
  gemini: { models: ['gemini-3.8-flash', 'gemini-2.5-flash'] },
  groq: { models: ['openai/gpt-oss-120b', 'llama-3.3-70b-versatile'], supports: noFiles },
  mistral: { supports: noFiles },
  ollama: { supports: { ...noFiles, imageUrl: false } },
  openai: { models: ['gpt-6.1-sol', 'gpt-5.2-pro'] }, // the second model uses the Responses API
  'openai-compatible': { supports: { endsWithoutTerminator: true } },
  openrouter: { supports: { reasoningSignature: true } },
  perplexity: { supports: { ...noFiles, tools: false, endsWithoutTerminator: true, alwaysSearches: true } },
  together: { supports: noFiles },
  xai: { supports: noFiles },
}
