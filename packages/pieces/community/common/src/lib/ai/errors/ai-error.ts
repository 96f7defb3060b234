import { type AIErrorActor, type AIErrorCode, ERRORS } from '../contract/errors.ts'

/** Fields of an AIError; `actor`, `retryable` and `remedy` default to those of the code. */
export type AIErrorInit = {
  code: AIErrorCode
  /** One plain sentence, or the vendor's own words. */
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

/** The only error class of the library: whatever a provider throws reaches the caller as an AIError. */
export class AIError extends Error {
  override readonly name = 'AIError'
  readonly code: AIErrorCode
  /** HTTP status of the response, if there was one. */
  readonly status: number | undefined
  /** The registry value of the provider, e.g. `openai`. */
  readonly provider: string | undefined
  readonly model: string | undefined
  /** The vendor's request id, for its support. */
  readonly requestId: string | undefined
  /** Seconds to wait before the next attempt, if the vendor says so. */
  readonly retryAfter: number | undefined
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** Who must act. */
  readonly actor: AIErrorActor
  /** What they should do, in one sentence. */
  readonly remedy: string
  /** The vendor's own message, without keys. */
  readonly vendorMessage: string | undefined
  /** The vendor's own code or type, e.g. `insufficient_quota`. */
  readonly vendorCode: string | undefined
  /** The invalid parameter, if known, e.g. `creativity` or `max_tokens`. */
  readonly parameter: string | undefined
  /** What arrived before the failure: an incomplete completion. */
  readonly partial: unknown

  constructor(init: AIErrorInit) {
    super(withoutSecrets(init.message), init.cause === undefined ? undefined : { cause: init.cause })
    const known = ERRORS[init.code]
    this.code = init.code
    this.status = init.status
    this.provider = init.provider
    this.model = init.model
    this.requestId = cleaned(init.requestId)
    this.retryAfter = init.retryAfter
    this.retryable = init.retryable ?? known.retryable
    this.actor = init.actor ?? known.actor
    this.remedy = init.remedy ?? known.remedy
    this.vendorMessage = cleaned(init.vendorMessage)
    this.vendorCode = cleaned(init.vendorCode)
    this.parameter = cleaned(init.parameter)
    this.partial = init.partial
  }

  /** Printed by Node without `cause` and `partial`, which hold the vendor's body. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { name: _name, message: _message, ...fields } = this.toJSON()
    return `${this.stack} ${JSON.stringify(fields, null, 2)}`
  }

  /** Returns the public fields, without `cause` and `partial`, for logs and other processes. */
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

function cleaned(words: string | undefined): string | undefined {
  return words === undefined ? undefined : withoutSecrets(words)
}

/** Removes whatever looks like a key: vendors quote parts of keys in their messages. */
function withoutSecrets(words: string): string {
  return words.replace(
    /\b(?:sk|pk|rk|gsk|xai|key|api)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\b(?:ABSK|bedrock-api-key-)[\w+/=.-]{8,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+|\bBearer\s+\S{8,}/gi,
    // A code such as `API_KEY_INVALID` is not a key.
    (found) => (/^[A-Za-z_]{1,40}$/.test(found) ? found : '[redacted]'),
  )
}
