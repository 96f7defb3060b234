import { type ErrorFixture, type ErrorKind, event } from './protocol.ts'

/** @see https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193 */
export function geminiError(kind: ErrorKind): ErrorFixture {
  const { status: code, word, message, details, never } = ERRORS[kind]
  const body = { error: { code, message, status: word, ...(details && { details }) } }
  return { status: code, body, message, ...(!never && { event: event(body) }) }
}

/** `never`: sent only by gateways and never as an event in a stream. */
type Row = { status: number; word: string; message: string; details?: object[]; never?: true }

const TYPE = 'type.googleapis.com/google.rpc.'

const ERRORS: Record<ErrorKind, Row> = {
  'bad parameter': {
    status: 400,
    word: 'INVALID_ARGUMENT',
    message: 'Invalid value at generation_config.top_k (TYPE_INT32), "many"',
  },
  'context length': {
    status: 400,
    word: 'INVALID_ARGUMENT',
    message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  },
  'content filter': {
    status: 400,
    word: 'INVALID_ARGUMENT',
    message: 'The prompt was refused by the content filtering policy of a gateway.',
    never: true,
  },
  'bad key': {
    status: 400,
    word: 'INVALID_ARGUMENT',
    message: 'API key not valid. Please pass a valid API key.',
    details: [{ '@type': `${TYPE}ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' }],
  },
  payment: { status: 402, word: 'UNKNOWN', message: 'There is a problem with your payment method.', never: true },
  permission: { status: 403, word: 'PERMISSION_DENIED', message: 'The caller does not have permission' },
  model: {
    status: 404,
    word: 'NOT_FOUND',
    message: 'models/gemini-nobody is not found for API version v1beta, or is not supported for generateContent.',
  },
  timeout: { status: 408, word: 'CANCELLED', message: 'The request took too long.', never: true },
  conflict: { status: 409, word: 'ABORTED', message: 'A conflicting request is in progress.' },
  'too large': {
    status: 400,
    word: 'INVALID_ARGUMENT',
    message: 'Request payload size exceeds the limit: 20971520 bytes.',
  },
  unprocessable: { status: 422, word: 'INVALID_ARGUMENT', message: 'The second message is invalid.', never: true },
  'too fast': {
    status: 429,
    word: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: [
      {
        '@type': `${TYPE}QuotaFailure`,
        violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }],
      },
      { '@type': `${TYPE}RetryInfo`, retryDelay: '48s' },
    ],
  },
  'no credit': {
    status: 429,
    word: 'RESOURCE_EXHAUSTED',
    message: 'Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.',
  },
  server: { status: 500, word: 'INTERNAL', message: 'An internal error has occurred.' },
  overloaded: { status: 503, word: 'UNAVAILABLE', message: 'The model is overloaded. Please try again later.' },
  'gateway timeout': { status: 504, word: 'DEADLINE_EXCEEDED', message: 'The request timed out.' },
}
