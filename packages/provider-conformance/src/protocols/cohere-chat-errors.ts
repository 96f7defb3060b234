import { type ErrorFixture, type ErrorKind, event } from './protocol.ts'

/** Encodes a Cohere error, which may have a type. @see https://docs.cohere.com/reference/errors */
export function cohereError(kind: ErrorKind): ErrorFixture {
  const { status, message, error_type } = ERRORS[kind]
  return {
    status,
    body: { id: 'c167e04b-cfc2-44a9-927c-6d78c47fb5fe', message, ...(error_type && { error_type }) },
    message,
    ...(IN_STREAM[kind] && {
      event: event({ type: 'message-end', delta: { error: message, finish_reason: IN_STREAM[kind] } }, 'message-end'),
    }),
  }
}

/** Finish reason of an error in a stream, which has only that and the message. */
const IN_STREAM: Partial<Record<ErrorKind, string>> = {
  'context length': 'ERROR',
  server: 'ERROR',
  'gateway timeout': 'TIMEOUT',
}

type Row = { status: number; message: string; error_type?: string }

const ERRORS: Record<ErrorKind, Row> = {
  'bad parameter': {
    status: 400,
    message: 'invalid request: top_k must be between 0 and 500 inclusive.',
  },
  'context length': {
    status: 400,
    message:
      'too many tokens: size limit exceeded by 25836 tokens. Try using shorter or fewer inputs. The limit for this model is 288000 tokens.',
    error_type: 'TOO_MANY_TOKENS',
  },
  'content filter': { status: 400, message: 'The prompt was refused by the content filtering policy of a gateway.' },
  'bad key': {
    status: 401,
    message:
      'Incorrect API key provided: ***********. You can find your API key at https://dashboard.cohere.com/api-keys.',
  },
  payment: {
    status: 402,
    message: 'Please add or update your payment method at https://dashboard.cohere.com/billing.',
  },
  permission: { status: 403, message: 'This key does not have permission.' },
  model: { status: 404, message: "model 'nobody' not found, make sure the correct model ID was used" },
  timeout: { status: 408, message: 'The request took too long.' },
  conflict: { status: 409, message: 'A conflicting request is in progress.' },
  'too large': { status: 413, message: 'The request is too large.' },
  unprocessable: { status: 422, message: 'The second message is invalid.' },
  'too fast': { status: 429, message: 'You are past the per minute request limit, please wait and try again later.' },
  'no credit': {
    status: 429,
    message:
      "You are using a Trial key, which is limited to 1000 API calls / month. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'.",
  },
  server: { status: 500, message: 'Internal error.' },
  overloaded: { status: 503, message: 'The service is overloaded.' },
  'gateway timeout': { status: 504, message: 'The engine did not respond.' },
}
