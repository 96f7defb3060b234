import { z } from 'zod'

/** The header that marks an error of our own server; its value is the error's code. A vendor's error never carries it. */
export const OWN_ERROR_HEADER = 'x-ai-proxy-error'

/** Who must act before the request can succeed. `nobody`: wait, then try again. */
export const ERROR_ACTORS = ['flow-author', 'admin', 'vendor', 'nobody'] as const

export type ErrorActor = (typeof ERROR_ACTORS)[number]

/** What one code means, wherever it is returned. */
export type ErrorDefinition = {
  /** Default HTTP status; code that raises the error may override it. */
  readonly status: number
  readonly actor: ErrorActor
  /** Whether the same request may succeed later without any change. */
  readonly retryable: boolean
  /** What the actor should do, as one sentence. */
  readonly remedy: string
}

/** Every error of the server. The code is the contract; messages and remedies are for people and may change. */
export const ERRORS = {
  'invalid-request': fix(400, 'flow-author', 'Correct the field that the message names.'),
  'bad-path': fix(400, 'flow-author', "Call a path below the connection's base URL, without encoded separators."),
  'admin-key-missing': fix(401, 'admin', 'Send the admin key as `Authorization: Bearer <key>`.'),
  'admin-key-invalid': fix(401, 'admin', 'Use the admin key of this server.'),
  'session-ended': fix(401, 'admin', 'Sign in again.'),
  'cross-site': fix(403, 'admin', "Make the change in the console, at the server's own address."),
  'too-many-attempts': wait(429, 'Wait, then try again.'),
  'engine-token-missing': fix(401, 'admin', 'Call the proxy with an engine token. Pieces receive one with each run.'),
  'engine-token-invalid': fix(401, 'admin', 'Use an engine token of this server. Pieces receive one with each run.'),
  'engine-token-expired': fix(401, 'flow-author', 'Run the step again. Each run gets a new engine token.'),
  'engine-token-revoked': fix(401, 'flow-author', 'Run the step again. Each run gets a new engine token.'),
  'project-token-invalid': fix(401, 'admin', 'Create a new token for the project.'),
  'connection-not-allowed': fix(403, 'admin', 'Use a connection that the token allows, or mint a token for this one.'),
  'path-not-allowed': fix(403, 'admin', 'Call a path that the token allows, or mint a token for this one.'),
  'model-not-allowed': fix(403, 'admin', 'Use a model that the token allows, or mint a token for this one.'),
  'wrong-credential': fix(403, 'admin', 'Use the kind of credential that this route accepts.'),
  'not-found': fix(404, 'flow-author', 'Check the address and the id.'),
  'connection-not-found': fix(404, 'admin', 'Connect the provider in the admin console.'),
  'project-not-found': fix(404, 'admin', 'Check the project id, or create the project.'),
  'already-exists': fix(409, 'admin', 'Choose another name, or change the existing one.'),
  conflict: wait(409, 'Load the current state, then try again.'),
  'too-large': fix(413, 'flow-author', 'Send less in one request.'),
  'headers-too-large': fix(431, 'flow-author', 'Send fewer or shorter headers.'),
  'request-timeout': wait(408, 'Send the request again.'),
  'budget-reached': fix(402, 'admin', 'Raise the budget, or wait until its period ends.'),
  'price-unknown': fix(
    402,
    'admin',
    "Use a model whose price is known, or set a price for models without one in the project's settings.",
  ),
  'rate-limit-reached': wait(429, 'Wait, then try again. An admin can raise the limit.'),
  overloaded: wait(529, 'Wait, then try again. This server is busy.'),
  'shutting-down': wait(503, 'Try again. Another instance will take the request.'),
  'not-ready': wait(503, 'Wait, then try again. This server is not ready.'),
  'too-many-runs': wait(429, 'Try again when a running piece has finished.'),
  'piece-failed': fix(502, 'flow-author', 'Correct the input of the step, or the piece.'),
  'time-limit': fix(504, 'flow-author', 'Give the piece less work, or ask an admin to raise its time limit.'),
  'credential-unreadable': fix(500, 'admin', "Enter the connection's API key again."),
  'redirect-refused': fix(502, 'admin', "Correct the connection's base URL."),
  'address-refused': fix(502, 'admin', "Allow the origin in the admin console, or correct the connection's base URL."),
  'key-rejected': fix(422, 'admin', 'Enter a valid API key.'),
  'out-of-credit': fix(422, 'admin', "Add credit or raise the spending limit in the vendor's console."),
  'vendor-unreachable': {
    ...fix(502, 'admin', "Check the connection's base URL and that this server can reach the host."),
    retryable: true,
  },
  'connect-timeout': wait(504, "Try again. If it keeps failing, check the connection's base URL."),
  'first-byte-timeout': wait(504, 'Try again, or ask for a shorter completion.'),
  'idle-timeout': wait(504, 'Try again.'),
  'total-timeout': wait(504, 'Try again, or ask for a shorter completion.'),
  'reply-headers-too-large': fix(502, 'admin', 'Raise AP_MAX_HEADER_BYTES, or report it to the vendor.'),
  'invalid-vendor-response': fix(502, 'vendor', 'Report it to the vendor: its response is not valid HTTP.'),
  'internal-error': fix(500, 'admin', "Look up the request id in the server's log."),
} as const satisfies Record<string, ErrorDefinition>

/** A failure that lasts until somebody changes something. */
function fix(status: number, actor: ErrorActor, remedy: string): ErrorDefinition {
  return { status, actor, retryable: false, remedy }
}

/** A temporary failure: the same request may succeed later. */
function wait(status: number, remedy: string): ErrorDefinition {
  return { status, actor: 'nobody', retryable: true, remedy }
}

export type ErrorCode = keyof typeof ERRORS

/** All error codes of the server. */
// SAFETY: the keys of the table are its codes.
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]

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
    /** Who must act. */
    actor: z.enum(ERROR_ACTORS),
    /** What they should do, as one sentence. */
    remedy: z.string(),
    /** Whether the same request may succeed later without any change. */
    retryable: z.boolean(),
  }),
})

export type ErrorBody = z.infer<typeof errorBody>
