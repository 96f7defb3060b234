/** The recorded exchanges that are replayed: whose they are, through which provider, and by which API. */
export const REPLAYED: readonly { readonly vendor: string; readonly provider: string; readonly api: string }[] = [
  { vendor: 'anthropic', provider: 'anthropic', api: 'messages' },
  { vendor: 'cohere', provider: 'cohere', api: 'chat' },
  ...own('chat.completions', 'azure-openai', 'deepseek', 'groq', 'mistral', 'ollama', 'openai', 'openrouter'),
  ...own('chat.completions', 'perplexity', 'together', 'xai'),
  ...through(
    'openai',
    'responses',
    'openai',
    'azure-openai',
    'bedrock-mantle',
    'deepseek',
    'lmstudio',
    'openrouter',
    'xai',
  ),
  ...through(
    'openai-compatible',
    'chat.completions',
    'openai-compatible-local',
    'alibaba',
    'bedrock-mantle',
    'cerebras',
  ),
  ...through('openai-compatible', 'chat.completions', 'cloudflare', 'crusoe', 'databricks', 'gateway-mirascope'),
  ...through('openai-compatible', 'chat.completions', 'gateway-pydantic', 'github-models', 'gpustack', 'huggingface'),
  ...through('openai-compatible', 'chat.completions', 'portkey', 'snowflake', 'vertex', 'zai'),
  ...through('gemini', 'generateContent', 'gemini', 'vertex'),
  ...through('gemini', 'streamGenerateContent', 'gemini', 'vertex'),
  // What went to `invoke` are the makers' own forms, Anthropic's among them, by Bedrock's older way in: ours is Converse.
  ...through('amazon-bedrock', 'converse', 'bedrock'),
  ...through('amazon-bedrock', 'converse-stream', 'bedrock'),
]

/** Vendors that the registry has. */
function own(api: string, ...vendors: string[]) {
  return vendors.map((vendor) => ({ vendor, provider: vendor, api }))
}

/** Vendors that speak a wire which the registry has a provider for. */
function through(provider: string, api: string, ...vendors: string[]) {
  return vendors.map((vendor) => ({ vendor, provider, api }))
}
