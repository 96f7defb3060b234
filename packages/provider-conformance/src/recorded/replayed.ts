/** The recorded exchanges that are replayed: whose they are, through which provider, and by which API. */
export const REPLAYED = [
  { vendor: 'anthropic', provider: 'anthropic', api: 'messages' },
  { vendor: 'azure-openai', provider: 'azure-openai', api: 'chat.completions' },
  { vendor: 'deepseek', provider: 'deepseek', api: 'chat.completions' },
  { vendor: 'groq', provider: 'groq', api: 'chat.completions' },
  { vendor: 'mistral', provider: 'mistral', api: 'chat.completions' },
  { vendor: 'ollama', provider: 'ollama', api: 'chat.completions' },
  { vendor: 'openai', provider: 'openai', api: 'chat.completions' },
  { vendor: 'openai', provider: 'openai', api: 'responses' },
  { vendor: 'openai-compatible-local', provider: 'openai-compatible', api: 'chat.completions' },
  { vendor: 'openrouter', provider: 'openrouter', api: 'chat.completions' },
  { vendor: 'perplexity', provider: 'perplexity', api: 'chat.completions' },
  { vendor: 'together', provider: 'together', api: 'chat.completions' },
  { vendor: 'xai', provider: 'xai', api: 'chat.completions' },
] as const
