import type { ConnectionCheck } from '@activepieces/contract'
import { ApiError } from '../../platform/errors.ts'
import type { CheckConnection } from './check.ts'
import type { Health } from './health.ts'
import type { ConnectionDraft } from './save.ts'

/**
 * Tests a draft before it is saved.
 *
 * @param saveAnyway accept a vendor that can't be reached
 * @throws ApiError 422 `key-rejected`, `out-of-credit`, `vendor-unreachable`, with the vendor's message
 */
export async function requireWorking(
  check: CheckConnection,
  draft: ConnectionDraft,
  saveAnyway: boolean | undefined,
): Promise<Health> {
  const result = await check(draft)
  const { outcome, message, remedy } = result
  if (outcome === 'works' || (outcome === 'unreachable' && saveAnyway)) return healthOf(result)
  const words = [NOT_SAVED[outcome], message, remedy ?? '', outcome === 'unreachable' ? SAVE_ANYWAY : '']
  const code = outcome === 'unreachable' ? 'vendor-unreachable' : outcome
  const param = outcome === 'unreachable' ? 'baseUrl' : 'apiKey'
  throw new ApiError(code, sentences(words), { param, status: 422 })
}

/** Joins texts, some from a vendor, and ends each with a period. */
function sentences(texts: readonly string[]): string {
  const filled = texts.map((text) => text.trim()).filter((text) => text !== '')
  return filled.map((text) => (/[.!?…]["')\]]?$/.test(text) ? text : `${text}.`)).join(' ')
}

const NOT_SAVED = {
  'key-rejected': 'Not saved: the vendor rejects the key.',
  'out-of-credit': 'Not saved: the key has no credit left.',
  unreachable: "Not saved: the vendor can't be reached.",
} as const

const SAVE_ANYWAY = 'Send "saveAnyway": true to save it anyway.'

/** The health of a connection after a check. */
export function healthOf({ outcome, message }: ConnectionCheck): Health {
  return outcome === 'works' ? { status: 'active', reason: null } : { status: outcome, reason: message }
}
