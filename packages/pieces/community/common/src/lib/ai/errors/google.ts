/** What Google's error objects have beside code and message. @see https://google.aip.dev/193 */
export type GoogleDetails = {
  /** The canonical word, e.g. `RESOURCE_EXHAUSTED`. */
  word: string | undefined
  /** What exactly it was, e.g. `API_KEY_INVALID`. */
  reason: string | undefined
  /** Seconds to wait. */
  retryAfter: number | undefined
  /** A quota is used up that comes back by itself in a short time. */
  passing: boolean
}

/** Reads an error object; of other vendors' ones nothing is found. */
export function readGoogleError(body: { readonly [field: string]: unknown }): GoogleDetails {
  const word = typeof body['status'] === 'string' && /^[A-Z][A-Z_]+$/.test(body['status']) ? body['status'] : undefined
  if (word === undefined) return { word, reason: undefined, retryAfter: undefined, passing: false }
  const details = Array.isArray(body['details']) ? body['details'].map(fieldsOf) : []
  const find = (field: string) => details.map((detail) => detail[field]).find((value) => value !== undefined)
  const reason = find('reason')
  const retryAfter = secondsOf(find('retryDelay'))
  return {
    word,
    reason: typeof reason === 'string' && reason !== '' ? reason : undefined,
    retryAfter,
    passing: word === 'RESOURCE_EXHAUSTED' && retryAfter !== undefined && !isOfADay(find('violations')),
  }
}

/** Google names a delay for the quotas of a day too, of some seconds: they come back in the night. */
function isOfADay(violations: unknown): boolean {
  return (
    Array.isArray(violations) && violations.some((violation) => /PerDay/i.test(String(fieldsOf(violation)['quotaId'])))
  )
}

/** A duration of protobuf: `48s`, `34.4s`. */
function secondsOf(duration: unknown): number | undefined {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(String(duration)) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
