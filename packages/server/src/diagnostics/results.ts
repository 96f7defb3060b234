import type { DoctorFinding } from '@activepieces/contract'
import type { AIError, AIErrorCode } from '@activepieces/pieces-common'
import { toCheck } from '../domain/connections/check.ts'

/** The result of a probe, without its time and model. */
export type ProbeResult = Pick<DoctorFinding, 'verdict' | 'reason'>

/** The probe ran and succeeded. */
export const yes = (reason: string): ProbeResult => ({ verdict: 'yes', reason })
/** The probe ran, and the vendor did not do what was requested. */
export const no = (reason: string): ProbeResult => ({ verdict: 'no', reason })
/** The probe did not run, or its result is inconclusive. */
export const unknown = (reason: string): ProbeResult => ({ verdict: 'unknown', reason })

/** The result of a failed call: `no` if every such call would fail, else `unknown`. */
export function resultOf({ code, message }: Pick<AIError, 'code' | 'message'>): ProbeResult {
  const failed = FAILED[code]
  return failed ? no(`${failed} ${message}`) : unknown(`${INCONCLUSIVE[code] ?? 'The call failed.'} ${message}`)
}

/**
 * Whether an error means that no other probe can succeed.
 *
 * @param isPlainText the failed call was a simple chat: everything else would fail too
 */
export function stopsDiagnostics(error: AIError, isPlainText: boolean): boolean {
  return FINAL_CODES.includes(error.code) || (isPlainText && toCheck(error).outcome !== 'works')
}

const FINAL_CODES: readonly AIErrorCode[] = [
  'authentication',
  'out-of-credit',
  'unreachable',
  'not-configured',
  'engine-token',
  'limit-reached',
]

const FAILED: Partial<Record<AIErrorCode, string>> = {
  'invalid-request': 'The vendor rejects the request.',
  unsupported: 'Not supported.',
  'not-found': 'There is no such API at this base URL.',
  permission: 'The key lacks the permission.',
  'invalid-object': 'The completion does not match the schema.',
  'invalid-tool-arguments': 'The arguments are not valid JSON.',
  'invalid-reply': 'The response does not follow the API.',
}

const INCONCLUSIVE: Partial<Record<AIErrorCode, string>> = {
  authentication: 'The vendor rejects the key.',
  'out-of-credit': 'The key has no credit left.',
  unreachable: "The vendor can't be reached.",
  timeout: 'The vendor did not answer in time.',
  'rate-limit': "The vendor's rate limit was reached.",
  overloaded: 'The vendor is overloaded.',
  'server-error': 'The vendor has an internal error.',
  interrupted: 'The connection was interrupted.',
  'model-not-found': "The model does not exist, or the key can't use it.",
  truncated: 'The completion was truncated.',
}
