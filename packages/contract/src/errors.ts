import { z } from 'zod'

/** The header that marks an error of our own server; its value is the error's code. A vendor's error never carries it. */
export const OWN_ERROR_HEADER = 'x-ai-proxy-error'

/** Every code that an error of the server can have. The code is the contract, the message is for people. */
export const ERROR_CODES = [
  'invalid-request',
  'bad-path',
  'admin-key-missing',
  'admin-key-invalid',
  'session-ended',
  'cross-site',
  'too-many-attempts',
  'engine-token-missing',
  'engine-token-invalid',
  'engine-token-expired',
  'engine-token-revoked',
  'project-token-invalid',
  'connection-not-allowed',
  'path-not-allowed',
  'model-not-allowed',
  'wrong-credential',
  'not-found',
  'connection-not-found',
  'project-not-found',
  'already-exists',
  'conflict',
  'too-large',
  'headers-too-large',
  'request-timeout',
  'budget-reached',
  'rate-limit-reached',
  'overloaded',
  'shutting-down',
  'not-ready',
  'too-many-runs',
  'piece-failed',
  'time-limit',
  'credential-unreadable',
  'redirect-refused',
  'address-refused',
  'key-rejected',
  'out-of-credit',
  'vendor-unreachable',
  'connect-timeout',
  'first-byte-timeout',
  'idle-timeout',
  'total-timeout',
  'reply-headers-too-large',
  'internal-error',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** The body of every error of the server: the official OpenAI and Anthropic SDKs both read it. */
export const errorBody = z.strictObject({
  type: z.literal('error'),
  error: z.strictObject({
    /** A word that the vendors use too, e.g. `authentication_error`. */
    type: z.string(),
    code: z.enum(ERROR_CODES),
    message: z.string(),
    /** The field that is wrong, as a dotted path. */
    param: z.string().nullable(),
  }),
})

export type ErrorBody = z.infer<typeof errorBody>
