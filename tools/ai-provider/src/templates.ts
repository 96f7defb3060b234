import type { NewProvider } from './options.ts'

/** Names of a provider in code. */
export type Names = { factory: string; models: string; instructions: string }

/** Creates the provider's file: a few lines of data, or a minimal factory. TODOs mark what is missing. */
export function providerFile(provider: NewProvider, names: Names): string {
  const code = provider.wire === 'own' ? ownProtocol(provider, names) : compatible(provider, names)
  return code + instructions(provider, names)
}

/** Creates the provider's registry entry. */
export function registryEntry({ value, label, baseUrl, header }: NewProvider, names: Names): string {
  const auth = header === undefined ? '{ bearer: true }' : `{ name: ${JSON.stringify(header)}, bearer: false }`
  return `  {
    logoUrl: '/logos/${value}.svg',
    defaultBaseUrl: ${JSON.stringify(baseUrl)},
    label: ${JSON.stringify(label)} as const,
    value: ${JSON.stringify(value)} as const,
    models: ${names.models},
    auth: authHeader(${auth}),
    factory: ${names.factory},
    instructionsMarkdown: ${names.instructions},
  },
`
}

function instructions({ value, label, baseUrl }: NewProvider, names: Names): string {
  return `
/** TODO: the page that issues API keys of ${label}, and the steps to take there. */
export const ${names.instructions} = \`Get a ${label} API key:

1. Open ${homeOf(value, baseUrl)}.
2. Create an API key, copy it and paste it here.
\`
`
}

/** Creates a placeholder logo with the initial of the label. */
export function placeholderLogo(label: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-labelledby="title">
  <title id="title">${label.replaceAll('&', '&amp;')}</title>
  <rect width="64" height="64" rx="14" fill="#555"/>
  <text x="32" y="43" text-anchor="middle" font-family="sans-serif" font-size="30" fill="#fff">${label.slice(0, 1).toUpperCase()}</text>
</svg>
`
}

function compatible({ value, label, version }: NewProvider, names: Names): string {
  const path = version === undefined || version === '/v1' ? '' : `\n  path: '${version}',`
  return `import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** TODO: the models of ${label}, and \`@see\` the page that lists them. */
export const ${names.models} = models({}, 'model-1', 'model-2')

/** ${label}. TODO: \`@see\` the reference of its API. */
export const ${names.factory} = openaiCompatible({
  provider: '${constantName(value)}' as const,
  models: ${names.models},${path}
})
`
}

function ownProtocol({ value, label, version = '/v1' }: NewProvider, names: Names): string {
  return `import type { AI, AIFactoryParams } from '../contract/registry.ts'
import { models } from '../contract/model.ts'

/** TODO: the models of ${label}, and \`@see\` the page that lists them. */
export const ${names.models} = models({}, 'model-1', 'model-2')

/** ${label}. TODO: \`@see\` the reference of its API. */
export const ${names.factory} = ({ serverUrl, engineToken }: AIFactoryParams): AI => ({
  provider: '${constantName(value)}' as const,
  chat: {
    text: async (request) => {
      // TODO: call the vendor's official SDK with serverUrl as its base URL, or fetch the vendor's own path.
      const response = await fetch(\`\${serverUrl}${version}/chat/completions\`, {
        method: 'POST',
        headers: { authorization: \`Bearer \${engineToken}\`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: request.model, messages: request.messages }), // TODO: the other parameters
        signal: request.signal ?? null,
      })
      const body = await response.json()
      if (!response.ok) throw { status: response.status, headers: response.headers, error: body }
      // TODO: parse the body: text, reasoning, tool calls, finish reason, usage.
      return { choices: [{ content: 'TODO' }] }
    },
  },
})
`
}

/** Guesses the vendor's website: the host of its API without `api.`. */
function homeOf(value: string, baseUrl: string): string {
  const { hostname } = new URL(baseUrl)
  return hostname === 'localhost' ? `https://${value}.com` : `https://${hostname.replace(/^api\./, '')}`
}

function constantName(value: string): string {
  return value.replaceAll('-', '_').toUpperCase()
}
