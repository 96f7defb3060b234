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
 * The three properties by which a flow builder chooses who answers: **Provider** (the connections that the admin has made
 * and that can do it), **Model**, and **Advanced Options** (what the model takes besides).
 *
 * None of them throws: where there is nothing to choose, the dropdown is disabled and its placeholder says what to do.
 *
 * @param capabilities what the model must be able to do: one of these
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
 * What a flow's author has set among the Advanced Options, for a call's `advancedOptions`; fields that were left empty are
 * none.
 *
 * @example ai.image.generate({ model, prompt, advancedOptions: advancedOptionsOf(propsValue.advancedOptions) })
 */
export function advancedOptionsOf(values: Readonly<Record<string, unknown>> | null | undefined) {
  const set = Object.entries(values ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return set.length === 0 ? undefined : Object.fromEntries(set)
}

/** The framework costs more to load than all the rest, and whoever asks for properties has it already. */
function framework(): typeof Framework {
  // SAFETY: the module is the one whose types are imported above.
  return createRequire(import.meta.url)('@activepieces/pieces-framework') as typeof Framework
}

/** A dropdown for each choice that the model gives; the values are fields of the vendor's own request. */
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
  // Not left out: a flow may have it, and the vendor may have changed since.
  const failed = connections.filter((connection) => failedAt(connection, capabilities))
  const options = [...able, ...failed].flatMap((connection) => providerOption(connection, capabilities, connections))
  if (options.length === 0)
    return disabled(
      `No connected AI provider can do this (${capabilities.join(' or ')}). Ask the admin to connect one.`,
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
  const unknown = entry?.models.length === 0 && capabilities.includes('text') // its own list has to tell
  if (!entry || (modelsOf(entry.models, capabilities).length === 0 && !unknown)) return []
  const { provider, slug = provider, label } = connection
  const several = all.filter((other) => other.provider === provider).length > 1
  const name = slug === provider && !several ? entry.label : `${entry.label} (${label ?? slug})`
  const failed = failedAt(connection, capabilities)
  return [
    {
      value: slug === provider ? provider : `${provider}@${slug}`,
      label: [name, connection.emulated && 'local emulator', troubleOf(connection), failed].filter(Boolean).join(' – '),
    },
  ]
}

/** What the last call or check of the connection has shown, where somebody has to do something. */
function troubleOf({ status }: Connection): string | undefined {
  if (status === 'key-rejected') return 'its key was rejected'
  if (status === 'out-of-credit') return 'out of credit'
  return status === 'unreachable' ? 'could not be reached' : undefined
}

/** In words, when the server's doctor has seen that the connection does none of it; else undefined. */
function failedAt({ provider, doctor }: Connection, capabilities: readonly AICapability[]): string | undefined {
  const { models = [] } = entryOf(provider) ?? {}
  const offered = capabilities.filter((capability) => models.length === 0 || modelsOf(models, [capability]).length > 0)
  const verdicts = fieldOf(doctor, 'verdicts')
  if (offered.length === 0 || !offered.every((capability) => fieldOf(verdicts, capability) === 'no')) return undefined
  const at = fieldOf(doctor, 'at')
  return typeof at === 'string' ? `could not do this on ${at.slice(0, 10)}` : 'could not do this when it was tried'
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** The connections of the server, or one sentence that says why there are none to show. */
async function fetchConnections(server: AIServer): Promise<Connection[] | string> {
  try {
    const response = await fetch(`${server.apiUrl.replace(/\/+$/, '')}/v1/ai-providers`, {
      headers: { Authorization: `Bearer ${server.token}` },
      signal: AbortSignal.timeout(10_000),
    })
    if (response.status === 401 || response.status === 403) return 'This session has expired: reload the page.'
    if (!response.ok) return `The server could not list the AI providers (status ${response.status}). Try again later.`
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
  if (!entry) return disabled(`The AI provider "${provider}" is not known any more. Select another.`)
  const { models, reason } = await fetchModels(entry, provider, server)
  const options = modelsOf(models, capabilities).map(({ label, value }) => ({ label, value }))
  const trouble = reason && wordsOf(reason, entry)
  const nothing = `${entry.label} has no model that can do this (${capabilities.join(' or ')}).`
  if (options.length === 0) return disabled(trouble ?? nothing, saved)
  return { disabled: false, placeholder: trouble ?? 'Select Model', options: withSaved(options, saved) }
}

/** The connection's own list where it comes soon, else what the registry knows. */
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

/** Nobody waits longer for a dropdown; the list that comes later is there for the next one. */
const OPTIONS_TIMEOUT_MS = 3_000

/** Why the vendor could not be asked for its models, where somebody has to know; the models that are known stay. */
function wordsOf({ code, status }: AIError, { label }: AiProviderMetadata): string | undefined {
  switch (code) {
    case 'authentication':
    case 'permission':
      return `${label} rejects the key of this connection. Ask the admin to enter a valid one.`
    case 'not-configured':
      return `This connection to ${label} is gone. Select another, or ask the admin to connect it.`
    case 'engine-token':
      return 'This session has expired: reload the page.'
    case 'unreachable':
      return status === undefined ? UNREACHABLE : `${label} cannot be reached. Try again later, or ask the admin.`
    default:
      return undefined
  }
}

const UNREACHABLE = 'The server cannot be reached. Try again later.'

/** Those that can do any of it; what was named first stands first. */
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

/** A choice of yesterday stays visible, marked. */
function withSaved(options: Option[], saved: unknown): Option[] {
  const gone = typeof saved === 'string' && saved !== '' && !options.some(({ value }) => value === saved)
  return gone ? [...options, { label: `${saved} (not in the list)`, value: saved }] : options
}

function disabled(placeholder: string, saved?: unknown): DropdownState<string> {
  return { disabled: true, options: withSaved([], saved), placeholder }
}
