import { type ConnectionCheck, ERROR_CODES } from '@activepieces/contract'
import {
  AI,
  type AICapability,
  AIError,
  type AIListedModel,
  capabilitiesOf,
  listModels,
} from '@activepieces/pieces-common'
import { errorFromResponse } from '@activepieces/pieces-common/observe'
import type { TargetDraft } from './connections.ts'
import type { RelayOutcome } from './relay-outcome.ts'
import { createTestRedactor, type TestConnection, type TestTarget } from './test-connection.ts'

/** Tests a credential. */
export type CheckConnection = (draft: TargetDraft) => Promise<ConnectionCheck>

/** Timeout for the chat of a test, in milliseconds. */
const CHAT_TIMEOUT_MS = 20_000

/**
 * Lists the models, then asks the first text model for one word: many model lists are public, and none shows that the
 * credit is used up. The word costs a few tokens.
 */
export function createConnectionChecker(testConnection: TestConnection): CheckConnection {
  return async (draft) => {
    const clean = createTestRedactor(draft)
    const check = await testConnection(draft, { seconds: 120 }, checkTarget)
    const { message, vendorMessage } = check
    return { ...check, message: clean(message), vendorMessage: vendorMessage && clean(vendorMessage) }
  }
}

async function checkTarget(target: TestTarget): Promise<ConnectionCheck> {
  const list = await listModels(target)
  const reason = list.reason && withObservedStatus(list.reason, target.outcomes.at(-1))
  if (reason && FINAL_CODES.includes(reason.code)) return toCheck(reason)
  const model = firstModel(list.models, list.live, 'text')
  if (!model)
    return list.live ? works(`The vendor lists ${list.models.length} models.`) : toCheck(reason ?? NOTHING_TO_TEST)
  try {
    const messages = [{ role: 'user' as const, content: 'Say ok.' }]
    await AI(target).chat.text({
      model: model.value,
      messages,
      maxTokens: 16,
      signal: AbortSignal.timeout(CHAT_TIMEOUT_MS),
    })
    return works(`The model ${model.value} answered.`)
  } catch (error) {
    if (!(error instanceof AIError)) throw error
    return toCheck(withObservedStatus(error, target.outcomes.at(-1)))
  }
}

/**
 * Adds the status that the proxy received to an error without one: a provider may throw the vendor's plain error object,
 * or anything else.
 */
export function withObservedStatus(error: AIError, outcome: RelayOutcome | undefined): AIError {
  const { status, end } = outcome ?? {}
  const isKnown = error.status !== undefined || OWN_SIDE_CODES.includes(error.code)
  if (isKnown || end !== 'completed' || status === undefined || status < 400) return error
  const body = { message: error.vendorMessage ?? error.message, code: error.vendorCode }
  return errorFromResponse({ status, headers: new Headers(), body }, error.provider ?? '')
}

/** Errors on our side, which the status of an earlier call does not explain. */
const OWN_SIDE_CODES: readonly AIError['code'][] = ['aborted', 'timeout', 'interrupted', 'unreachable']

/** Errors of the model list with which a chat would fail too. */
const FINAL_CODES: readonly AIError['code'][] = [
  'authentication',
  'out-of-credit',
  'unreachable',
  'timeout',
  'interrupted',
  'server-error',
  'overloaded',
  'not-configured',
]

/** Returns the first model with the capability, preferably one that the vendor lists. */
export function firstModel(
  models: readonly AIListedModel[],
  live: boolean,
  capability: AICapability,
): AIListedModel | undefined {
  const able = models.filter((model) => capabilitiesOf(model).includes(capability))
  return able.find(({ listed }) => !live || listed === true) ?? able[0]
}

const NOTHING_TO_TEST = new AIError({ code: 'unsupported', message: 'This provider has nothing that can be tested.' })

function outcomeOf({ code }: AIError): ConnectionCheck['outcome'] {
  return OUTCOMES[code] ?? 'works'
}

/** Any other error comes from a vendor that accepted the key, such as an unknown model or a truncated completion. */
const OUTCOMES: Partial<Record<AIError['code'], ConnectionCheck['outcome']>> = {
  authentication: 'key-rejected',
  permission: 'key-rejected',
  'out-of-credit': 'out-of-credit',
  unreachable: 'unreachable',
  timeout: 'unreachable',
  interrupted: 'unreachable',
  'not-found': 'unreachable',
  'not-configured': 'unreachable',
  'server-error': 'unreachable',
  overloaded: 'unreachable',
  'invalid-reply': 'unreachable',
  aborted: 'unreachable',
  unsupported: 'unreachable',
  unknown: 'unreachable',
}

/** The check of a connection that works. */
export function works(message: string): ConnectionCheck {
  return { outcome: 'works', message, vendorMessage: null, remedy: null }
}

/** The check of a connection whose call failed. Some errors show that the key was accepted. */
export function toCheck(error: AIError): ConnectionCheck {
  const { message, remedy, vendorCode } = error
  const own = ERROR_CODES.some((code) => code === vendorCode)
  const vendorMessage = own ? null : (error.vendorMessage ?? null)
  return { outcome: outcomeOf(error), message, vendorMessage, remedy }
}
