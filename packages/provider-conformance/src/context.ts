import {
  AI,
  type AIChatCompletionsCreateParams,
  type AIChatStreamEvent,
  type AIClient,
  type AiProviderMetadata,
  AiProviders,
  capabilitiesOf,
  createAI,
} from '@activepieces/pieces-common'
import type { Capability, ConformanceOptions, Context, Mode, Reply } from './check.ts'
import { fail, ok } from './expect.ts'
import { knownWire, WIRES } from './protocols/index.ts'
import type { Saying, Wire } from './protocols/protocol.ts'
import {
  type Answer,
  type HostileServer,
  isObject,
  type JsonObject,
  objectAt,
  type SeenRequest,
  startHostileServer,
} from './targets/fake-vendor.ts'
import { json, sse } from './targets/responses.ts'
import type { Place } from './targets/targets.ts'

/** Looks like what the engine gives, is worth nothing, and is easily found where it should not be. */
const ENGINE_TOKEN = 'engine.4c1f0e7a-canary'

/** One entry, one of its models, and the wire that it speaks: the same for all checks. */
export type Subject = {
  readonly entry: AiProviderMetadata
  readonly options: ConformanceOptions
  readonly model: string
  readonly found: FoundWire
}

/** The models of an entry that are tried. */
export function modelsOf(entry: AiProviderMetadata, options: ConformanceOptions): readonly string[] {
  const first = entry.models.find((model) => capabilitiesOf(model).includes('text'))
  return options.models ?? [first?.value ?? UNKNOWN_MODEL]
}

const UNKNOWN_MODEL = 'a-model-that-nobody-knows'

/** A vendor may have other media alone. */
export function hasChat({ models }: AiProviderMetadata): boolean {
  return models.length === 0 || models.some((model) => capabilitiesOf(model).includes('text'))
}

/** The wire of an entry, or why none could be found. */
export type FoundWire = { readonly wire: Wire; readonly problem?: string }

/** Finds out which wire an entry speaks with a model: by the request that it sends. */
export async function findWire(
  entry: AiProviderMetadata,
  options: ConformanceOptions,
  model: string,
): Promise<FoundWire> {
  if (!hasChat(entry)) return { wire: WIRES[0] }
  const named = WIRES.find((wire) => wire.name === options.wire)
  if (named) return { wire: named }
  try {
    return { wire: await heardWire(entry, model) }
  } catch (error) {
    return { wire: WIRES[0], problem: error instanceof Error ? error.message : String(error) }
  }
}

async function heardWire(entry: AiProviderMetadata, model: string): Promise<Wire> {
  const vendor = await startHostileServer()
  try {
    vendor.answerWith(json({ error: { message: 'Only listening.' } }, 400))
    await reach(entry, vendor.url, ENGINE_TOKEN)
      .chat.text({ ...question(model), retries: 0 })
      .catch(() => undefined)
    return wireOf(vendor.requests[0])
  } finally {
    await vendor.close()
  }
}

/** The wire that a request is of; a model may have another than its neighbour. */
export function wireOf(request: SeenRequest | undefined): Wire {
  ok(request, 'no request was sent; right is one')
  const wire = knownWire(request)
  const known = WIRES.map(({ name }) => name).join(', ')
  return (
    wire ??
    fail(
      `${request.method} ${request.path} matches no known protocol (${known}). ` +
        'Correct the path, or add the protocol in packages/provider-conformance/src/protocols/',
    )
  )
}

/** A fresh vendor for one check, with everything that the check needs. Close the vendor afterwards. */
export async function createContext(subject: Subject, place: Place): Promise<Context> {
  const { entry, options, model } = subject
  const { wire } = subject.found
  const vendor = await place.open(entry)
  const aiAt = (apiUrl: string, engineToken = ENGINE_TOKEN) => reach(entry, apiUrl, engineToken)
  let made: AIClient | undefined
  // Made when a check asks for it: a factory that throws is the check's to tell.
  const ai = () => {
    made ??= aiAt(vendor.url)
    return made
  }
  const supports = (capability: Capability) => options.supports?.[capability] ?? DEFAULTS[capability](wire, entry)
  return {
    entry,
    registry: options.registry ?? AiProviders,
    module: options.module ?? import.meta.resolve('@activepieces/pieces-common'),
    source: options.source,
    protocolProblem: subject.found.problem,
    model,
    supports,
    modes: ['plain', 'stream'],
    wire,
    vendor,
    engineToken: ENGINE_TOKEN,
    get ai() {
      return ai()
    },
    aiAt,
    modelThatTakes: (parameter) => {
      const refuses = (id: string) =>
        entry.models.find(({ value }) => value === id)?.refuses?.includes(parameter) ?? false
      const chatting = entry.models.filter((known) => capabilitiesOf(known).includes('text')).map(({ value }) => value)
      return [model, ...chatting].find((id) => !refuses(id)) ?? UNKNOWN_MODEL
    },
    say,
    sayValue: (value, rest) => (response, request) => say(inForm(value, request, rest))(response, request),
    scripted: place.scripted,
    error: wire.error,
    ask: (mode, params) => ask(ai(), mode, { ...question(model), retries: 0, ...params }),
    sent: (index = -1) => read(vendor, index),
  }
}

/** Plainly or as a stream, as it is asked. */
function say(saying: Saying): Answer {
  return (response, request) => {
    const { plain, events, streams, headers } = wireOf(request)
    const streamed = streams ? streams(request.path) : request.body['stream'] === true
    const answer = streamed ? sse(events(saying).join('')) : json(plain(saying), 200, headers)
    return answer(response, request)
  }
}

/** A value as the request wants it: what is asked for may be wrapped, and what is optional may have to be null. */
function inForm(value: unknown, request: SeenRequest, rest: Saying = {}): Saying {
  const { schema, toolChoice } = wireOf(request).hear(request.body)
  const text = JSON.stringify(fit(value, schema ?? {}))
  if (typeof toolChoice !== 'object') return { text, ...rest }
  return { toolCalls: [{ id: 'call_1', name: toolChoice.tool, arguments: text }], ...rest }
}

function fit(value: unknown, schema: JsonObject): unknown {
  const properties = objectAt(schema, 'properties')
  if (schema['type'] !== 'object' || isObject(value) === false) {
    const wrapper = schema['type'] === 'object' ? Object.keys(properties)[0] : undefined
    return wrapper === undefined ? value : { [wrapper]: value }
  }
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const nulls = required.filter((name) => !(String(name) in value)).map((name) => [String(name), null])
  return { ...value, ...Object.fromEntries(nulls) }
}

/** What a vendor can do that speaks a wire, unless its entry says otherwise. */
const DEFAULTS: Record<Capability, (wire: Wire, entry: AiProviderMetadata) => boolean> = {
  stream: (_wire, entry) => hasStream(entry),
  tools: () => true,
  structuredOutput: () => true,
  imageUrl: () => true,
  imageBase64: () => true,
  pdfUrl: (wire) => wire.can.pdfUrls,
  pdfBase64: () => true,
  reasoning: () => true,
  reasoningSignature: (wire) => wire.can.signatures,
  endsWithoutTerminator: () => false,
  searchesUnasked: () => false,
}

/** A provider without a stream of its own has one all the same: the whole reply in one piece. */
function hasStream(entry: AiProviderMetadata): boolean {
  try {
    return entry.factory({ serverUrl: 'http://127.0.0.1:9', engineToken: ENGINE_TOKEN }).chat.stream !== undefined
  } catch {
    return true // a factory that throws is told of by the check
  }
}

/** As a piece reaches it; an entry that is not in the registry is completed in the same way. */
export function reach(entry: AiProviderMetadata, apiUrl: string, token: string): AIClient {
  const known: readonly AiProviderMetadata[] = AiProviders
  if (known.includes(entry)) return AI({ provider: entry.value, server: { apiUrl, token } })
  const serverUrl = `${apiUrl.replace(/\/+$/, '')}/v1/ai-providers/proxy/${entry.value}`
  return createAI(entry.factory({ serverUrl, engineToken: token }), entry.value, entry.models)
}

function question(model: string): AIChatCompletionsCreateParams {
  return { model, messages: [{ role: 'user', content: 'What is a piece?' }] }
}

async function ask(ai: AIClient, mode: Mode, params: AIChatCompletionsCreateParams): Promise<Reply> {
  if (mode === 'plain') return { completion: await ai.chat.text(params), events: [] }
  const events: AIChatStreamEvent[] = []
  for await (const event of ai.chat.stream(params)) events.push(event)
  const end = events.at(-1)
  if (end?.type !== 'end') return fail(`the stream's last event is ${end?.type}; right is end`)
  return { completion: end.completion, events }
}

function read(vendor: HostileServer, index: number) {
  const request = vendor.requests.at(index)
  ok(request, `request ${index} was not sent; sent were ${vendor.requests.length}`)
  ok(
    isObject(request.body) && Object.keys(request.body).length > 0,
    `the request's body is no JSON object: ${request.text.slice(0, 100)}`,
  )
  return { ...request, heard: wireOf(request).hear(request.body) }
}
