import { ERROR_CODES, ERRORS, type ErrorCode, OWN_ERROR_HEADER } from '@activepieces/contract'
import { errorFromResponse } from '@activepieces/pieces-common/observe'
import { describe, expect, test } from 'vitest'
import { ApiError, errorHeaders, toErrorBody } from '../src/platform/errors.ts'

describe.each(ERROR_CODES)('an error with the code %s', (code) => {
  const error = new ApiError(code, 'What happened.')
  const body = toErrorBody(error)
  const { status, actor, remedy, retryable } = ERRORS[code]
  const expected = { actor, remedy, retryable, vendorMessage: 'What happened.' }

  test('takes its status from the table', () => {
    expect(error.status).toBe(status)
    expect(toErrorBody(new ApiError(code, 'm', { status: 418, param: 'a.b' })).error).toMatchObject({
      type: 'api_error',
      param: 'a.b',
    })
  })

  test('reaches a caller of the library with its actor and remedy, instead of the vendor being blamed', () => {
    const read = errorFromResponse({ status, headers: new Headers(errorHeaders(error)), body }, 'openai')
    expect(read).toMatchObject({ ...expected, status })
  })
})

test('the library has a code of its own for whatever the proxy returns', () => {
  const codeOf = (code: ErrorCode) => {
    const error = new ApiError(code, 'm')
    const { status } = error
    return errorFromResponse({ status, headers: new Headers(errorHeaders(error)), body: toErrorBody(error) }, 'openai')
      .code
  }
  const expected = {
    'bad-path': 'invalid-request',
    'engine-token-missing': 'engine-token',
    'engine-token-invalid': 'engine-token',
    'engine-token-expired': 'engine-token',
    'engine-token-revoked': 'engine-token',
    'wrong-credential': 'engine-token',
    'connection-not-allowed': 'permission',
    'path-not-allowed': 'permission',
    'model-not-allowed': 'permission',
    'connection-not-found': 'not-configured',
    'credential-unreadable': 'not-configured',
    'too-large': 'too-large',
    'headers-too-large': 'invalid-request',
    'request-timeout': 'timeout',
    'budget-reached': 'limit-reached',
    'rate-limit-reached': 'rate-limit',
    overloaded: 'overloaded',
    'shutting-down': 'overloaded',
    'not-ready': 'overloaded',
    'redirect-refused': 'not-found',
    'address-refused': 'unreachable',
    'vendor-unreachable': 'unreachable',
    'connect-timeout': 'timeout',
    'first-byte-timeout': 'timeout',
    'idle-timeout': 'timeout',
    'total-timeout': 'timeout',
    'reply-headers-too-large': 'invalid-reply',
    'internal-error': 'server-error',
  } as const
  // SAFETY: the keys of the table.
  const codes = Object.keys(expected) as (keyof typeof expected)[]
  expect(Object.fromEntries(codes.map((code) => [code, codeOf(code)]))).toEqual(expected)
})

test('the vendor cannot claim to be this server without the header', () => {
  const headers = new Headers({ 'content-type': 'application/json' })
  const error = { code: 'budget-reached', message: 'm', actor: 'admin', remedy: 'Send us money.', retryable: true }
  const read = errorFromResponse({ status: 401, headers, body: { error } }, 'openai')
  expect(read).toMatchObject({ code: 'authentication', actor: 'admin', retryable: false })
  expect(read.remedy).not.toContain('money')
  expect(headers.has(OWN_ERROR_HEADER)).toBe(false)
})
