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
import { knownProtocol, PROTOCOLS } from './protocols/index.ts'
import type { Protocol, ReplyFixture } from './protocols/protocol.ts'
import {
  type FakeVendor,
  isObject,
  type JsonObject,
  objectAt,
  type ReceivedRequest,
  type Responder,
  startFakeVendor,
} from './targets/fake-vendor.ts'
import { json, sse } from './targets/responses.ts'
import type { Target } from './targets/targets.ts'

/** Fake engine token that is easy to find where it must not appear. */
const ENGINE_TOKEN = 'engine.4c1f0e7a-token'

/** What is checked: a registry entry, one of its models, and its protocol. */
export type Subject = {
  readonly entry: AiProviderMetadata
  readonly options: ConformanceOptions
  readonly model: string
  readonly detected: DetectedProtocol
}

/** Returns the models to check. */
export function modelsOf(entry: AiProviderMetadata, options: ConformanceOptions): readonly string[] {
  const first = entry.models.find((model) => capabilitiesOf(model).includes('text'))
  return options.models ?? [first?.value ?? UNKNOWN_MODEL]
}

const UNKNOWN_MODEL = 'unknown-model'

/** False for providers that offer only other media. */
export function hasChat({ models }: AiProviderMetadata): boolean {
  return models.length === 0 || models.some((model) => capabilitiesOf(model).includes('text'))
}

/** Protocol of an entry. `problem` says why it could not be determined. */
export type DetectedProtocol = { readonly protocol: Protocol; readonly problem?: string }

/** Detects the protocol that an entry uses for a model, from the request that it sends. */
export async function detectProtocol(
  entry: AiProviderMetadata,
  options: ConformanceOptions,
  model: string,
): Promise<DetectedProtocol> {
  if (!hasChat(entry)) return { protocol: PROTOCOLS[0] }
  const named = PROTOCOLS.find((protocol) => protocol.name === options.protocol)
  if (named) return { protocol: named }
  try {
    return { protocol: await requestedProtocol(entry, model) }
  } catch (error) {
    return { protocol: PROTOCOLS[0], problem: error instanceof Error ? error.message : String(error) }
  }
}

async function requestedProtocol(entry: AiProviderMetadata, model: string): Promise<Protocol> {
  const vendor = await startFakeVendor()
  try {
    vendor.respondWith(json({ error: { message: 'Protocol detection.' } }, 400))
    await reach(entry, vendor.url, ENGINE_TOKEN)
      .chat.text({ ...question(model), retries: 0 })
      .catch(() => undefined)
    return protocolOf(vendor.requests[0])
  } finally {
    await vendor.close()
  }
}

/** Returns the protocol of a request, which can differ between models. */
export function protocolOf(request: ReceivedRequest | undefined): Protocol {
  ok(request, 'no request was sent; expected one')
  const protocol = knownProtocol(request)
  const known = PROTOCOLS.map(({ name }) => name).join(', ')
  return (
    protocol ??
    fail(
      `${request.method} ${request.path} matches no known protocol (${known}). ` +
        'Correct the path, or add the protocol in packages/provider-conformance/src/protocols/',
    )
  )
}

/** Creates the context of one check, with a vendor of its own. Close the vendor afterwards. */
export async function createContext(subject: Subject, target: Target): Promise<Context> {
  const { entry, options, model } = subject
  const { protocol } = subject.detected
  const vendor = await target.open(entry)
  const aiAt = (apiUrl: string, engineToken = ENGINE_TOKEN) => reach(entry, apiUrl, engineToken)
  let made: AIClient | undefined
  // Created on first use, so that the check reports a factory that throws.
  const ai = () => {
    made ??= aiAt(vendor.url)
    return made
  }
  const supports = (capability: Capability) => options.supports?.[capability] ?? DEFAULTS[capability](protocol, entry)
  return {
    entry,
    registry: options.registry ?? AiProviders,
    module: options.module ?? import.meta.resolve('@activepieces/pieces-common'),
    source: options.source,
    protocolProblem: subject.detected.problem,
    model,
    supports,
    modes: ['plain', 'stream'],
    protocol,
    vendor,
    engineToken: ENGINE_TOKEN,
    get ai() {
      return ai()
    },
    aiAt,
    modelAccepting: (parameter) => {
      const refuses = (id: string) =>
        entry.models.find(({ value }) => value === id)?.refuses?.includes(parameter) ?? false
      const chatting = entry.models.filter((known) => capabilitiesOf(known).includes('text')).map(({ value }) => value)
      return [model, ...chatting].find((id) => !refuses(id)) ?? UNKNOWN_MODEL
    },
    encodeReply,
    encodeValue: (value, rest) => (response, request) =>
      encodeReply(shapedFor(value, request, rest))(response, request),
    scripted: target.scripted,
    error: protocol.error,
    ask: (mode, params) => ask(ai(), mode, { ...question(model), retries: 0, ...params }),
    sent: (index = -1) => read(vendor, index),
  }
}

/** Encodes a reply in the request's protocol, streamed if the request asks for it. */
function encodeReply(fixture: ReplyFixture): Responder {
  return (response, request) => {
    const { encodePlain, encodeEvents, asksForStream, headers } = protocolOf(request)
    const streamed = asksForStream ? asksForStream(request.path) : request.body['stream'] === true
    const respond = streamed ? sse(encodeEvents(fixture).join('')) : json(encodePlain(fixture), 200, headers)
    return respond(response, request)
  }
}

/** Shapes a value for the requested schema, which may wrap it or require null for optional fields. */
function shapedFor(value: unknown, request: ReceivedRequest, rest: ReplyFixture = {}): ReplyFixture {
  const { schema, toolChoice } = protocolOf(request).decodeRequest(request.body)
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

/** Capabilities of a vendor by its protocol, unless the options say otherwise. */
const DEFAULTS: Record<Capability, (protocol: Protocol, entry: AiProviderMetadata) => boolean> = {
  stream: (_wire, entry) => hasStream(entry),
  tools: () => true,
  structuredOutput: () => true,
  imageUrl: () => true,
  imageBase64: () => true,
  pdfUrl: (protocol) => protocol.features.pdfUrls,
  pdfBase64: () => true,
  reasoning: () => true,
  reasoningSignature: (protocol) => protocol.features.signatures,
  endsWithoutTerminator: () => false,
  alwaysSearches: () => false,
}

/** False if the provider has no stream of its own; the library then streams the reply in one piece. */
function hasStream(entry: AiProviderMetadata): boolean {
  try {
    return entry.factory({ serverUrl: 'http://127.0.0.1:9', engineToken: ENGINE_TOKEN }).chat.stream !== undefined
  } catch {
    return true // the check reports a factory that throws
  }
}

/** Creates an AI as a piece does. Also works for an entry that is not in the registry. */
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
  if (end?.type !== 'end') return fail(`the stream's last event is ${end?.type}; expected end`)
  return { completion: end.completion, events }
}

function read(vendor: FakeVendor, index: number) {
  const request = vendor.requests.at(index)
  ok(request, `request ${index} was not sent; ${vendor.requests.length} were sent`)
  ok(
    isObject(request.body) && Object.keys(request.body).length > 0,
    `the request body is not a JSON object: ${request.text.slice(0, 100)}`,
  )
  return { ...request, decoded: protocolOf(request).decodeRequest(request.body) }
}
