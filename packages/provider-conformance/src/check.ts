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

/** What a vendor's chat can do beyond text. */
export type Capability =
  /** Replies come as they are made. */
  | 'stream'
  | 'tools'
  /** `chat.object`: natively or by a forced tool. */
  | 'structuredOutput'
  | 'imageUrl'
  | 'imageBase64'
  | 'pdfUrl'
  | 'pdfBase64'
  /** Thoughts come apart from the text. */
  | 'reasoning'
  /** Thoughts are sealed, and go back with their seal. */
  | 'reasoningSignature'
  /** A stream without its terminator is whole all the same when it gave a finish reason. */
  | 'endsWithoutTerminator'
  /** Searches the web for every call: nothing has to ask for it. */
  | 'alwaysSearches'

/** A way of asking: everything is tried in both where the vendor has both. */
export type Mode = 'plain' | 'stream'

/** One thing that a provider owes. */
export type Check = {
  /** Its stable id and what it is about, e.g. `X01 text`: in test output, in the capability table and in `knownGaps`. */
  readonly name: string
  readonly needs?: readonly Capability[]
  /** The medium that it checks, other than chat. The check does not apply to a provider without this medium. */
  readonly medium?: Exclude<AICapability, 'text'>
  /** The type that each request has to be of, where they are none of the protocol's chat; undefined for one without a body. */
  readonly request?: (request: ReceivedRequest) => RequestType | undefined
  /** What it asks makes sense to any vendor: it is tried on the emulator too, and live. */
  readonly everywhere?: true
  /** Whether it can be tried at all on this protocol; absent: it can. */
  readonly applies?: (context: Context) => boolean
  /** The request holds what is not of the protocol's own type, on purpose. */
  readonly sendsUntyped?: true
  /** Passes when it returns, and says in one sentence what is wrong when it throws. */
  readonly run: (context: Context) => void | Promise<void>
}

/** A thing that is known not to work yet: expected to fail, so that the list does not rot. */
export type KnownGap = {
  /** The id of the check, e.g. `T04`, or its whole name. */
  readonly check: string
  readonly reason: string
  readonly link?: string
}

/** What the suite has to be told of an entry. All of it may be left out. */
export type ConformanceOptions = {
  /** The models that are tried, each with everything; the entry's first one when absent. */
  readonly models?: readonly string[]
  /** Where the vendor differs from what its protocol can do. */
  readonly supports?: Readonly<Partial<Record<Capability, boolean>>>
  readonly knownGaps?: readonly KnownGap[]
  /** Found out by what the provider sends when absent. */
  readonly protocol?: ProtocolName
  /** The list that the entry is of, for what has to be unique; `AiProviders` when absent. */
  readonly registry?: readonly AiProviderMetadata[]
  /** The module that the entry comes from; the library when absent. */
  readonly module?: string
  /** The provider's file, as a path or a file URL; the one that the registry imports its factory from when absent. */
  readonly source?: string
}

/** What a check gets: the entry, an AI that is pointed at a vendor on this machine, and that vendor. */
export type Context = {
  readonly entry: AiProviderMetadata
  readonly registry: readonly AiProviderMetadata[]
  readonly module: string
  readonly source: string | undefined
  /** Why the chat protocol could not be determined. */
  readonly protocolProblem: string | undefined
  /** The model that is tried. */
  readonly model: string
  readonly supports: (capability: Capability) => boolean
  readonly modes: readonly Mode[]
  readonly protocol: Protocol
  readonly vendor: FakeVendor
  /** What the provider is known by at the vendor's door: may occur in one header and nowhere else. */
  readonly engineToken: string
  readonly ai: AIClient
  /** An AI at another address. */
  readonly aiAt: (apiUrl: string, engineToken?: string) => AIClient
  /** The model that is tried, or another one of the entry that takes this parameter, or one that nobody has decoded of. */
  readonly modelAccepting: (parameter: NonNullable<AIModel['refuses']>[number]) => string
  /** Answers plainly or as a stream, as it is asked. */
  readonly encodeReply: (fixture: ReplyFixture) => Responder
  /** Answers with a value, in the form that the request asks for: text in JSON, or the call of the forced tool. */
  readonly encodeValue: (value: unknown, rest?: ReplyFixture) => Responder
  /** What the vendor says is known to the letter: not so on the emulator and live. */
  readonly scripted: boolean
  readonly error: (kind: ErrorKind) => ErrorFixture
  /** One call, without retries: the completion, and the events where it was a stream. */
  readonly ask: (mode: Mode, params?: Partial<AIChatCompletionsCreateParams>) => Promise<Reply>
  /** The last request, or the one at this place, read. */
  readonly sent: (index?: number) => Sent
}

export type Reply = { readonly completion: AIChatCompletion; readonly events: readonly AIChatStreamEvent[] }

export type Sent = ReceivedRequest & { readonly decoded: DecodedRequest }
