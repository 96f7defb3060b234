import type { ConnectionCheck, ConnectionStatus } from '@activepieces/contract'
import { ApiError } from '../../platform/errors.ts'
import type { CheckConnection } from './check.ts'
import type { ConnectionDraft } from './save.ts'

/**
 * Tries what is to be stored.
 *
 * @param anyway whether it is stored also when the vendor cannot be reached
 * @throws ApiError 422 `key-rejected`, `out-of-credit`, `vendor-unreachable`, with the vendor's own words
 */
export async function checked(
  check: CheckConnection,
  draft: ConnectionDraft,
  anyway: boolean | undefined,
): Promise<ConnectionCheck> {
  const result = await check(draft)
  const { outcome, message, remedy } = result
  if (outcome === 'works' || (outcome === 'unreachable' && anyway)) return result
  const words = [WORDS[outcome], message, remedy ?? '', outcome === 'unreachable' ? ANYWAY : '']
  const code = outcome === 'unreachable' ? 'vendor-unreachable' : outcome
  const param = outcome === 'unreachable' ? 'baseUrl' : 'apiKey'
  throw new ApiError(code, sentences(words), { param, status: 422 })
}

/** Joins texts, some from a vendor, and ends each with a period. */
function sentences(texts: readonly string[]): string {
  const filled = texts.map((text) => text.trim()).filter((text) => text !== '')
  return filled.map((text) => (/[.!?…]["')\]]?$/.test(text) ? text : `${text}.`)).join(' ')
}

const WORDS = {
  'key-rejected': 'Not saved: the vendor rejects the key.',
  'out-of-credit': 'Not saved: the key has no credit left.',
  unreachable: 'Not saved: the vendor could not be asked.',
} as const

const ANYWAY = 'Send "saveAnyway": true to save it all the same.'

/** Status and reason of a connection after a try. */
export function statusOf({ outcome, message }: ConnectionCheck): [ConnectionStatus, string | null] {
  return outcome === 'works' ? ['active', null] : [outcome, message]
}
