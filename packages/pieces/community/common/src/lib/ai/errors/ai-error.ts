/** Who must act before the call can succeed. `nobody`: wait, then try again. */
export type AIErrorActor = 'flow-author' | 'admin' | 'vendor' | 'nobody'

/** What went wrong. The code is the contract; messages are for people and may change. */
export type AIErrorCode = keyof typeof ERRORS

/**
 * Every kind of failure once: who must act, whether the same call may work later, and what to do.
 * An AIError takes its `actor`, `retryable` and `remedy` from here.
 */
const ERRORS = {
  'invalid-request': row('flow-author', false, 'Change the parameter that the message names.'),
  'context-length': row('flow-author', false, 'Shorten the prompt or choose a model with a larger context window.'),
  'content-filter': row('flow-author', false, "Rephrase the prompt: the vendor's content filter refused it."),
  'model-not-found': row(
    'flow-author',
    false,
    'Choose another model, or ask the admin whether the key may use this one.',
  ),
  'too-large': row('flow-author', false, 'Send less in one request: it is larger than the vendor accepts.'),
  refused: row('flow-author', false, 'Rephrase the prompt: the model refused to answer.'),
  truncated: row('flow-author', false, 'Raise maxTokens or ask for a shorter answer: it did not fit.'),
  'invalid-object': row('flow-author', false, 'Simplify the schema, or choose a model that follows schemas better.'),
  'unknown-provider': row('flow-author', false, 'Choose one of the providers that the message lists.'),
  unsupported: row('flow-author', false, 'Choose a provider or a model that has this capability.'),
  'engine-token': row(
    'admin',
    false,
    'Run the step again: its engine token is missing, expired or not valid for this server.',
  ),
  authentication: row('admin', false, "Enter a valid API key in the provider's connection."),
  permission: row('admin', false, "Give the key the right that the message names, in the vendor's console."),
  'out-of-credit': row('admin', false, "Add credit or raise the spending limit in the vendor's console."),
  'not-configured': row('admin', false, 'Connect the provider in the admin console.'),
  'not-found': row('admin', false, "Check the base URL of the provider's connection."),
  'limit-reached': row('admin', false, "Raise the project's budget or limit, or wait until it starts anew."),
  unreachable: row(
    'admin',
    true,
    "Check the base URL of the connection and that the server can reach the vendor's host.",
  ),
  'rate-limit': row('nobody', true, 'Wait and try again: too many requests in a short time.'),
  overloaded: row('nobody', true, 'Wait and try again: the vendor is overloaded.'),
  timeout: row('nobody', true, 'Try again, or ask for a shorter answer.'),
  conflict: row('nobody', true, 'Try again.'),
  interrupted: row('nobody', true, 'Try again: the connection was cut before the reply was whole.'),
  aborted: row('nobody', false, 'The call was cancelled.'),
  'server-error': row('vendor', true, "Try again later; see the vendor's status page if it stays."),
  'invalid-reply': row(
    'vendor',
    false,
    "The reply is not what the vendor's API promises: check the base URL, or tell the vendor.",
  ),
  'invalid-tool-arguments': row('vendor', false, 'Try again or choose a model that follows tool schemas better.'),
  unknown: row('vendor', false, 'Read the message; if it does not help, tell the vendor.'),
} as const

function row<Actor extends AIErrorActor, Retryable extends boolean>(
  actor: Actor,
  retryable: Retryable,
  remedy: string,
) {
  return { actor, retryable, remedy }
}

/** What an AIError is made from; `actor`, `retryable` and `remedy` follow from the code unless given. */
export type AIErrorInit = {
  code: AIErrorCode
  /** One sentence in plain words, or the vendor's own. */
  message: string
  status?: number | undefined
  provider?: string | undefined
  model?: string | undefined
  requestId?: string | undefined
  retryAfter?: number | undefined
  retryable?: boolean | undefined
  actor?: AIErrorActor | undefined
  remedy?: string | undefined
  vendorMessage?: string | undefined
  vendorCode?: string | undefined
  parameter?: string | undefined
  partial?: unknown
  cause?: unknown
}

/** The one error class of the library: whatever a provider throws reaches the caller as an AIError. */
export class AIError extends Error {
  override readonly name = 'AIError'
  readonly code: AIErrorCode
  /** HTTP status of the reply, where there was one. */
  readonly status: number | undefined
  /** The registry value of the provider, e.g. `openai`. */
  readonly provider: string | undefined
  readonly model: string | undefined
  /** The vendor's id of the request: quote it to their support. */
  readonly requestId: string | undefined
  /** Seconds to wait before the next try, where the vendor says so. */
  readonly retryAfter: number | undefined
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean
  /** Who must act. */
  readonly actor: AIErrorActor
  /** What they should do, in one sentence. */
  readonly remedy: string
  /** The vendor's own words, free of keys. */
  readonly vendorMessage: string | undefined
  /** The vendor's own code or type, e.g. `insufficient_quota`. */
  readonly vendorCode: string | undefined
  /** The parameter that is wrong, where that is known, e.g. `creativity` or `max_tokens`. */
  readonly parameter: string | undefined
  /** What had come before the failure: a completion without an end. */
  readonly partial: unknown

  constructor(init: AIErrorInit) {
    super(withoutSecrets(init.message), init.cause === undefined ? undefined : { cause: init.cause })
    const known = ERRORS[init.code]
    this.code = init.code
    this.status = init.status
    this.provider = init.provider
    this.model = init.model
    this.requestId = init.requestId
    this.retryAfter = init.retryAfter
    this.retryable = init.retryable ?? known.retryable
    this.actor = init.actor ?? known.actor
    this.remedy = init.remedy ?? known.remedy
    this.vendorMessage = init.vendorMessage === undefined ? undefined : withoutSecrets(init.vendorMessage)
    this.vendorCode = init.vendorCode
    this.parameter = init.parameter
    this.partial = init.partial
  }

  /** The public fields, for a log or another process; neither `cause` nor `partial`. */
  toJSON(): Record<string, unknown> {
    const { name, message, code, status, provider, model, requestId, retryAfter, retryable } = this
    const { actor, remedy, vendorMessage, vendorCode, parameter } = this
    return {
      name,
      message,
      code,
      status,
      provider,
      model,
      requestId,
      retryAfter,
      retryable,
      actor,
      remedy,
      vendorMessage,
      vendorCode,
      parameter,
    }
  }
}

/** Vendors quote (parts of) keys in their words; whatever looks like one is taken out. */
function withoutSecrets(words: string): string {
  return words.replace(
    /\b(?:sk|pk|rk|gsk|xai|key|api)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\b(?:ABSK|bedrock-api-key-)[\w+/=.-]{8,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+|\bBearer\s+\S{8,}/gi,
    '[redacted]',
  )
}
