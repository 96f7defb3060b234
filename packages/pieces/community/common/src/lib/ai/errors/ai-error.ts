import { type AIErrorActor, type AIErrorCode, ERRORS } from '../contract/errors.ts'

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
