import { type ConnectionCheck, ERROR_CODES } from '@activepieces/contract'
import {
  AI,
  type AICapability,
  AIError,
  type AIListedModel,
  capabilitiesOf,
  errorFromResponse,
  listModels,
} from '@activepieces/pieces-common'
import type { TargetDraft } from './connections.ts'
import type { RelayOutcome } from './relay-outcome.ts'
import { createTestRedactor, type TestConnection, type TestTarget } from './test-connection.ts'

/** Tries a credential. */
export type CheckConnection = (draft: TargetDraft) => Promise<ConnectionCheck>

/** How long the chat of a try may take, in milliseconds. */
const PATIENCE = 20_000

/**
 * Asks for the list of models, then for one word of the first model for text: many a list is open to everyone, and none
 * shows that the credit is used up. The word costs a few tokens.
 */
export function createConnectionChecker(trial: TestConnection): CheckConnection {
  return async (draft) => {
    const clean = createTestRedactor(draft)
    const check = await trial(draft, { seconds: 120 }, checkTarget)
    const { message, vendorMessage } = check
    return { ...check, message: clean(message), vendorMessage: vendorMessage && clean(vendorMessage) }
  }
}

async function checkTarget(at: TestTarget): Promise<ConnectionCheck> {
  const list = await listModels(at)
  const reason = list.reason && withObservedStatus(list.reason, at.outcomes.at(-1))
  if (reason && FINAL_CODES.includes(reason.code)) return toCheck(reason)
  const model = firstModel(list.models, list.live, 'text')
  if (!model)
    return list.live ? works(`The vendor lists ${list.models.length} models.`) : toCheck(reason ?? NOTHING_TO_TEST)
  try {
    const messages = [{ role: 'user' as const, content: 'Say ok.' }]
    await AI(at).chat.text({ model: model.value, messages, maxTokens: 16, signal: AbortSignal.timeout(PATIENCE) })
    return works(`The model ${model.value} answered.`)
  } catch (error) {
    if (!(error instanceof AIError)) throw error
    return toCheck(withObservedStatus(error, at.outcomes.at(-1)))
  }
}

/**
 * Adds the status that the proxy saw to an error that has none: a provider file may throw the vendor's bare error object,
 * or anything else.
 */
export function withObservedStatus(error: AIError, outcome: RelayOutcome | undefined): AIError {
  const { status, end } = outcome ?? {}
  const isKnown = error.status !== undefined || OWN_SIDE_CODES.includes(error.code)
  if (isKnown || end !== 'whole' || status === undefined || status < 400) return error
  const body = { message: error.vendorMessage ?? error.message, code: error.vendorCode }
  return errorFromResponse({ status, headers: new Headers(), body }, error.provider ?? '')
}

/** Errors on our side, which the status of an earlier call does not explain. */
const OWN_SIDE_CODES: readonly AIError['code'][] = ['aborted', 'timeout', 'interrupted', 'unreachable']

/** What a list of models fails with that a chat would fail with too. */
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

/** One that the vendor lists, where it says what it has. */
export function firstModel(
  models: readonly AIListedModel[],
  live: boolean,
  capability: AICapability,
): AIListedModel | undefined {
  const able = models.filter((model) => capabilitiesOf(model).includes(capability))
  return able.find(({ listed }) => !live || listed === true) ?? able[0]
}

const NOTHING_TO_TEST = new AIError({ code: 'unsupported', message: 'This provider has nothing that can be tried.' })

function outcomeOf({ code }: AIError): ConnectionCheck['outcome'] {
  return OUTCOMES[code] ?? 'works'
}

/** What is not here was said by a vendor that had taken the key: a model that is not there, a reply that was cut short. */
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

/** The check of a connection of which a call has failed; some errors say that the key was taken. */
export function toCheck(error: AIError): ConnectionCheck {
  const { message, remedy, vendorCode } = error
  const own = ERROR_CODES.some((code) => code === vendorCode)
  const vendorMessage = own ? null : (error.vendorMessage ?? null)
  return { outcome: outcomeOf(error), message, vendorMessage, remedy }
}
