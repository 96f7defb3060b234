import type { DoctorFinding } from '@activepieces/contract'
import type { AIError, AIErrorCode } from '@activepieces/pieces-common'
import { toCheck } from '../domain/connections/check.ts'

/** What a probe has shown, without when and of which model. */
export type ProbeResult = Pick<DoctorFinding, 'verdict' | 'reason'>

/** It did what it was asked for. */
export const yes = (reason: string): ProbeResult => ({ verdict: 'yes', reason })
/** It was asked, and did it not. */
export const no = (reason: string): ProbeResult => ({ verdict: 'no', reason })
/** It was not asked, or what came says nothing of it. */
export const unknown = (reason: string): ProbeResult => ({ verdict: 'unknown', reason })

/** What a call that failed shows: that it cannot be done, or nothing, because another call may go another way. */
export function resultOf({ code, message }: Pick<AIError, 'code' | 'message'>): ProbeResult {
  const said = FAILED[code]
  return said ? no(`${said} ${message}`) : unknown(`${PASSING[code] ?? 'The call failed.'} ${message}`)
}

/**
 * Whether no other call of the connection would go another way.
 *
 * @param isPlain the call was a plain question: what fails with that fails with the rest
 */
export function endsConnection(error: AIError, isPlain: boolean): boolean {
  return ENDS.includes(error.code) || (isPlain && toCheck(error).outcome !== 'works')
}

const ENDS: readonly AIErrorCode[] = [
  'authentication',
  'out-of-credit',
  'unreachable',
  'not-configured',
  'engine-token',
  'limit-reached',
]

const FAILED: Partial<Record<AIErrorCode, string>> = {
  'invalid-request': 'The vendor refuses the request.',
  unsupported: 'It is not offered.',
  'not-found': 'There is no such API at this base URL.',
  permission: 'The key has no right to it.',
  'invalid-object': 'The answer is not of the schema.',
  'invalid-tool-arguments': 'The arguments are no JSON.',
  'invalid-reply': 'The reply is not what the API promises.',
}

const PASSING: Partial<Record<AIErrorCode, string>> = {
  authentication: 'The vendor rejects the key.',
  'out-of-credit': 'The key has no credit left.',
  unreachable: 'The vendor could not be reached.',
  timeout: 'The vendor did not answer in time.',
  'rate-limit': 'The vendor says that calls come too fast.',
  overloaded: 'The vendor is overloaded.',
  'server-error': 'The vendor has a failure of its own.',
  interrupted: 'The connection was cut.',
  'model-not-found': 'The model is not there, or not for this key.',
  truncated: 'The answer did not fit.',
}
