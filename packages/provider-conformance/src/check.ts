import type {
  AICapability,
  AIChatCompletion,
  AIChatCompletionsCreateParams,
  AIChatStreamEvent,
  AIClient,
  AIModel,
  AiProviderMetadata,
} from '@activepieces/pieces-common'
import type { ProtocolName } from './protocols/index.ts'
import type {
  DecodedRequest,
  ErrorFixture,
  ErrorKind,
  Protocol,
  ReplyFixture,
  RequestType,
} from './protocols/protocol.ts'
import type { FakeVendor, ReceivedRequest, Responder } from './targets/fake-vendor.ts'

/** Chat capabilities beyond text. */
export type Capability =
  /** Streams its responses. */
  | 'stream'
  | 'tools'
  /** `chat.object`, natively or through a forced tool. */
  | 'structuredOutput'
  | 'imageUrl'
  | 'imageBase64'
  | 'pdfUrl'
  | 'pdfBase64'
  /** Returns reasoning separately from the text. */
  | 'reasoning'
  /** Signs its reasoning; the signature is sent back with it. */
  | 'reasoningSignature'
  /** A stream with a finish reason is complete even without a terminator. */
  | 'endsWithoutTerminator'
  /** Searches the web on every call; the request does not have to ask for it. */
  | 'alwaysSearches'

/** How a call is made. Checks run in both modes. */
export type Mode = 'plain' | 'stream'

/** One requirement for a provider. */
export type Check = {
  /** Stable id and title, e.g. `X01 text`, as in test output, the capability table and `knownGaps`. */
  readonly name: string
  /** Capabilities without which the check does not apply. */
  readonly needs?: readonly Capability[]
  /** Medium under test, if not chat. The check does not apply to a provider without this medium. */
  readonly medium?: Exclude<AICapability, 'text'>
  /** Type that each request must match, if not the protocol's chat request. Undefined for requests without a body. */
  readonly request?: (request: ReceivedRequest) => RequestType | undefined
  /** Also runs against the emulator and live vendors: it does not depend on scripted responses. */
  readonly everywhere?: true
  /** Whether the check applies in this context. Default: it does. */
  readonly applies?: (context: Context) => boolean
  /** The request intentionally does not match the protocol's type. */
  readonly sendsUntyped?: true
  /** Returns if the check passes; throws an error that says in one sentence what is wrong. */
  readonly run: (context: Context) => void | Promise<void>
}

/** A check that is expected to fail. The suite fails if it passes, so that the list stays current. */
export type KnownGap = {
  /** Id of the check, e.g. `T04`, or its full name. */
  readonly check: string
  readonly reason: string
  readonly link?: string
}

/** Options of the suite for one registry entry. */
export type ConformanceOptions = {
  /** Models to check. Default: the entry's first text model. */
  readonly models?: readonly string[]
  /** Capabilities that differ from the protocol's defaults. */
  readonly supports?: Readonly<Partial<Record<Capability, boolean>>>
  readonly knownGaps?: readonly KnownGap[]
  /** Default: detected from the provider's request. */
  readonly protocol?: ProtocolName
  /** Registry in which the entry must be unique. Default: `AiProviders`. */
  readonly registry?: readonly AiProviderMetadata[]
  /** Module that exports the entry. Default: the library. */
  readonly module?: string
  /** The provider's file, as a path or a file URL. Default: the file that the registry imports the factory from. */
  readonly source?: string
}

/** Input of a check: the entry, a target vendor, and an AI that calls it. */
export type Context = {
  readonly entry: AiProviderMetadata
  readonly registry: readonly AiProviderMetadata[]
  readonly module: string
  readonly source: string | undefined
  /** Why the chat protocol could not be determined. */
  readonly protocolProblem: string | undefined
  /** Model under test. */
  readonly model: string
  readonly supports: (capability: Capability) => boolean
  readonly modes: readonly Mode[]
  readonly protocol: Protocol
  readonly vendor: FakeVendor
  /** Token of the AI. It may occur only in the authorization header. */
  readonly engineToken: string
  readonly ai: AIClient
  /** Creates an AI with another API URL or token. */
  readonly aiAt: (apiUrl: string, engineToken?: string) => AIClient
  /** The model under test if it accepts the parameter, otherwise another model of the entry or an unknown one. */
  readonly modelAccepting: (parameter: NonNullable<AIModel['refuses']>[number]) => string
  /** Creates a responder that encodes the fixture in the request's protocol, streamed if the request asks for it. */
  readonly encodeReply: (fixture: ReplyFixture) => Responder
  /** Creates a responder that returns a value as JSON text or as a call of the forced tool, as the request asks. */
  readonly encodeValue: (value: unknown, rest?: ReplyFixture) => Responder
  /** Whether the check defines the responses. False for the emulator and live vendors. */
  readonly scripted: boolean
  readonly error: (kind: ErrorKind) => ErrorFixture
  /** Makes one call without retries. Returns the completion, and the events of a stream. */
  readonly ask: (mode: Mode, params?: Partial<AIChatCompletionsCreateParams>) => Promise<Reply>
  /** The request at an index, decoded. Default: the last one. */
  readonly sent: (index?: number) => Sent
}

export type Reply = { readonly completion: AIChatCompletion; readonly events: readonly AIChatStreamEvent[] }

export type Sent = ReceivedRequest & { readonly decoded: DecodedRequest }
