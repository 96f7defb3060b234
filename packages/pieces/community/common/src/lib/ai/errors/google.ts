/** Fields of Google's error objects besides code and message. @see https://google.aip.dev/193 */
export type GoogleDetails = {
  /** Canonical status, e.g. `RESOURCE_EXHAUSTED`. */
  word: string | undefined
  /** Specific reason, e.g. `API_KEY_INVALID`. */
  reason: string | undefined
  /** Seconds to wait. */
  retryAfter: number | undefined
  /** A short-term quota is used up. */
  temporary: boolean
}

/** Reads an error object. Finds nothing in those of other vendors. */
export function readGoogleError(body: { readonly [field: string]: unknown }): GoogleDetails {
  const word = typeof body['status'] === 'string' && /^[A-Z][A-Z_]+$/.test(body['status']) ? body['status'] : undefined
  if (word === undefined) return { word, reason: undefined, retryAfter: undefined, temporary: false }
  const details = Array.isArray(body['details']) ? body['details'].map(fieldsOf) : []
  const find = (field: string) => details.map((detail) => detail[field]).find((value) => value !== undefined)
  const reason = find('reason')
  const retryAfter = secondsOf(find('retryDelay'))
  return {
    word,
    reason: typeof reason === 'string' && reason !== '' ? reason : undefined,
    retryAfter,
    temporary: word === 'RESOURCE_EXHAUSTED' && retryAfter !== undefined && !isDailyQuota(find('violations')),
  }
}

/** Google also returns a retry delay of seconds for daily quotas, which only reset overnight. */
function isDailyQuota(violations: unknown): boolean {
  return (
    Array.isArray(violations) && violations.some((violation) => /PerDay/i.test(String(fieldsOf(violation)['quotaId'])))
  )
}

/** Parses a protobuf duration: `48s`, `34.4s`. */
function secondsOf(duration: unknown): number | undefined {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(String(duration)) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
