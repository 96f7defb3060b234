import { createRequire } from 'node:module'
import type * as Framework from '@activepieces/pieces-framework'
import type { DropdownState, InputPropertyMap } from '@activepieces/pieces-framework'
import type { AIServer } from '../ai.ts'
import { type AICapability, type AIModel, capabilitiesOf } from '../contract/model.ts'
import type { AiProviderMetadata } from '../contract/registry.ts'
import type { AIError } from '../errors/ai-error.ts'
import { type AIModelList, listModels } from '../list-models.ts'
import { AiProviders } from '../providers/index.ts'

/**
 * Returns the three properties that choose a model: **Provider** (connections that have the capability), **Model**, and
 * **Advanced Options** (model-specific settings).
 *
 * They never throw: a dropdown without options is disabled, and its placeholder says what to do.
 *
 * @param capabilities the model must have at least one of these
 * @example props: { ...aiProps('text'), prompt: Property.LongText({ displayName: 'Prompt', required: true }) }
 */
export function aiProps(...capabilities: [AICapability, ...AICapability[]]) {
  const { PieceAuth, Property } = framework()
  return {
    provider: Property.Dropdown<string, true>({
      auth: PieceAuth.None(),
      displayName: 'Provider',
      required: true,
      refreshers: [],
      options: ({ provider }, context) => providerOptions(capabilities, provider, context.server),
    }),
    model: Property.Dropdown<string, true>({
      auth: PieceAuth.None(),
      displayName: 'Model',
      required: true,
      refreshers: ['provider'],
      options: async ({ provider, model }, context) => modelOptions(capabilities, provider, model, context?.server),
    }),
    advancedOptions: Property.DynamicProperties({
      auth: PieceAuth.None(),
      displayName: 'Advanced Options',
      required: false,
      refreshers: ['provider', 'model'],
      props: async ({ provider, model }) => optionsOf(provider, model),
    }),
  }
}

/**
 * Returns the Advanced Options that are set, for the `advancedOptions` of a call.
 *
 * @example ai.image?.generate({ model, prompt, advancedOptions: advancedOptionsOf(propsValue.advancedOptions) })
 */
export function advancedOptionsOf(values: Readonly<Record<string, unknown>> | null | undefined) {
  const set = Object.entries(values ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return set.length === 0 ? undefined : Object.fromEntries(set)
}

/** Loaded lazily: the framework takes longer to load than everything else, and pieces have already loaded it. */
function framework(): typeof Framework {
  // SAFETY: the module is the one whose types are imported above.
  return createRequire(import.meta.url)('@activepieces/pieces-framework') as typeof Framework
}

/** One dropdown per setting of the model; the values are fields of the vendor's own request. */
function optionsOf(provider: unknown, model: unknown): InputPropertyMap {
  const { Property } = framework()
  const entry = entryOf(String(provider).split('@', 1)[0] ?? '')
  const options = entry?.models.find(({ value }) => value === model)?.options ?? []
  return Object.fromEntries(
    options.map(({ name, label, values }) => [
      name,
      Property.StaticDropdown<string>({
        displayName: label,
        required: false,
        options: { options: values.map((value) => ({ label: value, value })) },
      }),
    ]),
  )
}

// ---- Provider

async function providerOptions(
  capabilities: readonly AICapability[],
  saved: unknown,
  server: AIServer,
): Promise<DropdownState<string>> {
  const connections = await fetchConnections(server)
  if (typeof connections === 'string') return disabled(connections, saved)
  if (connections.length === 0) return disabled('No AI providers configured by the admin.', saved)
  const able = connections.filter((connection) => !failedAt(connection, capabilities))
  // Kept in the list: a flow may use it, and the vendor may have changed since.
  const failed = connections.filter((connection) => failedAt(connection, capabilities))
  const options = [...able, ...failed].flatMap((connection) => providerOption(connection, capabilities, connections))
  if (options.length === 0)
    return disabled(
      `No connected AI provider supports ${capabilities.join(' or ')}. Ask an admin to connect one.`,
      saved,
    )
  return { disabled: false, placeholder: 'Select AI Provider', options: withSaved(options, saved) }
}

type Connection = {
  provider: string
  slug?: string
  label?: string
  emulated?: boolean
  status?: string
  doctor?: unknown
}

function providerOption(connection: Connection, capabilities: readonly AICapability[], all: Connection[]) {
  const entry = entryOf(connection.provider)
  const unknown = entry?.models.length === 0 && capabilities.includes('text') // only its own list can tell
  if (!entry || (modelsOf(entry.models, capabilities).length === 0 && !unknown)) return []
  const { provider, slug = provider, label } = connection
  const several = all.filter((other) => other.provider === provider).length > 1
  // A connection that nobody labeled has the label of its provider.
  const detail = label === undefined || label === entry.label ? slug : label
  const name = slug === provider && !several ? entry.label : `${entry.label} (${detail})`
  const failed = failedAt(connection, capabilities)
  return [
    {
      value: slug === provider ? provider : `${provider}@${slug}`,
      label: [name, connection.emulated && 'local emulator', problemOf(connection), failed].filter(Boolean).join(' – '),
    },
  ]
}

/** Problem that the last call or check of the connection showed, if someone has to act. */
function problemOf({ status }: Connection): string | undefined {
  if (status === 'key-rejected') return 'key rejected'
  if (status === 'out-of-credit') return 'out of credit'
  return status === 'unreachable' ? 'unreachable' : undefined
}

/** Says that the connection failed a capability check for everything that is needed; undefined if it did not. */
function failedAt({ provider, doctor }: Connection, capabilities: readonly AICapability[]): string | undefined {
  const { models = [] } = entryOf(provider) ?? {}
  const offered = capabilities.filter((capability) => models.length === 0 || modelsOf(models, [capability]).length > 0)
  const verdicts = fieldOf(doctor, 'verdicts')
  if (offered.length === 0 || !offered.every((capability) => fieldOf(verdicts, capability) === 'no')) return undefined
  const at = fieldOf(doctor, 'at')
  return typeof at === 'string' ? `failed its check on ${at.slice(0, 10)}` : 'failed its check'
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Returns the server's connections, or a sentence that says why there are none. */
async function fetchConnections(server: AIServer): Promise<Connection[] | string> {
  try {
    const response = await fetch(`${server.apiUrl.replace(/\/+$/, '')}/v1/ai-providers`, {
      headers: { Authorization: `Bearer ${server.token}` },
      signal: AbortSignal.timeout(10_000),
    })
    if (response.status === 401 || response.status === 403) return 'Your session has expired. Reload the page.'
    if (!response.ok) return `Couldn't load the AI providers (status ${response.status}). Try again later.`
    const body: unknown = await response.json()
    const data: unknown = typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined
    return Array.isArray(data) ? data.filter(isConnection) : []
  } catch {
    return UNREACHABLE
  }
}

function isConnection(value: unknown): value is Connection {
  return typeof value === 'object' && value !== null && 'provider' in value && typeof value.provider === 'string'
}

// ---- Model

async function modelOptions(
  capabilities: readonly AICapability[],
  provider: unknown,
  saved: unknown,
  server: AIServer | undefined,
): Promise<DropdownState<string>> {
  if (typeof provider !== 'string' || provider === '') return disabled('Select AI Provider')
  const entry = entryOf(provider.split('@', 1)[0] ?? '')
  if (!entry) return disabled(`The provider "${provider}" no longer exists. Select another one.`)
  const { models, reason } = await fetchModels(entry, provider, server)
  const options = modelsOf(models, capabilities).map(({ label, value }) => ({ label, value }))
  const problem = reason && messageOf(reason, entry)
  const nothing = `${entry.label} has no model that supports ${capabilities.join(' or ')}.`
  if (options.length === 0) return disabled(problem ?? nothing, saved)
  return { disabled: false, placeholder: problem ?? 'Select Model', options: withSaved(options, saved) }
}

/** Returns the connection's own list if it arrives in time, otherwise the registry's. */
async function fetchModels(
  entry: AiProviderMetadata,
  provider: string,
  server: AIServer | undefined,
): Promise<Pick<AIModelList, 'models' | 'reason'>> {
  if (!server?.apiUrl || !server.token) return { models: entry.models }
  let timer: NodeJS.Timeout | undefined
  const timedOut = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), OPTIONS_TIMEOUT_MS)
  })
  const list = listModels({ provider, server }).catch(() => undefined)
  const first = await Promise.race([list, timedOut]).finally(() => clearTimeout(timer))
  return first ?? { models: entry.models }
}

/** Upper bound for a dropdown. A late list is cached for the next one. */
const OPTIONS_TIMEOUT_MS = 3_000

/** Says why the vendor's own list is missing, if someone has to act. */
function messageOf({ code, status }: AIError, { label }: AiProviderMetadata): string | undefined {
  switch (code) {
    case 'authentication':
    case 'permission':
      return `${label} rejected the key of this connection. Ask an admin to enter a valid one.`
    case 'not-configured':
      return `This ${label} connection no longer exists. Select another one, or ask an admin to connect it.`
    case 'engine-token':
      return 'Your session has expired. Reload the page.'
    case 'unreachable':
      return status === undefined ? UNREACHABLE : `Couldn't reach ${label}. Try again later, or ask an admin.`
    default:
      return undefined
  }
}

const UNREACHABLE = "Couldn't reach the server. Try again later."

/** Returns the models that have any of the capabilities, in the order of the capabilities. */
function modelsOf(models: readonly AIModel[], capabilities: readonly AICapability[]): AIModel[] {
  const able = capabilities.flatMap((capability) =>
    models.filter((model) => capabilitiesOf(model).includes(capability)),
  )
  return [...new Set(able)]
}

function entryOf(value: string): AiProviderMetadata | undefined {
  return AiProviders.find((entry) => entry.value === value)
}

type Option = { label: string; value: string }

/** Keeps a saved value that is no longer offered, marked as such. */
function withSaved(options: Option[], saved: unknown): Option[] {
  const gone = typeof saved === 'string' && saved !== '' && !options.some(({ value }) => value === saved)
  return gone ? [...options, { label: `${saved} (no longer listed)`, value: saved }] : options
}

function disabled(placeholder: string, saved?: unknown): DropdownState<string> {
  return { disabled: true, options: withSaved([], saved), placeholder }
}
