import { type ErrorFixture, type ErrorKind, event } from './protocol.ts'

/** @see https://docs.anthropic.com/en/api/errors */
export function anthropicError(kind: ErrorKind): ErrorFixture {
  const { status, type, message, never } = ERRORS[kind]
  const body = { type: 'error', error: { type, message }, request_id: 'req_1' }
  return { status, body, message, ...(!never && { event: event(body, 'error') }) }
}

/** `never`: sent only by gateways and never as an event in a stream. */
type Row = { status: number; type: string; message: string; never?: true }

const ERRORS: Record<ErrorKind, Row> = {
  'bad parameter': { status: 400, type: 'invalid_request_error', message: 'top_k: Input should be greater than 0.' },
  'context length': {
    status: 400,
    type: 'invalid_request_error',
    message: 'prompt is too long: 200016 tokens > 200000 maximum',
  },
  'content filter': {
    status: 400,
    type: 'invalid_request_error',
    message: 'Output blocked by content filtering policy',
  },
  'bad key': { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  payment: { status: 402, type: 'billing_error', message: 'There is a problem with your payment method.' },
  permission: { status: 403, type: 'permission_error', message: 'This key does not have permission.' },
  model: { status: 404, type: 'not_found_error', message: 'model: claude-nobody' },
  timeout: { status: 408, type: 'timeout_error', message: 'The request took too long.' },
  conflict: { status: 409, type: 'conflict_error', message: 'A conflicting request is in progress.', never: true },
  'too large': { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' },
  unprocessable: { status: 422, type: 'invalid_request_error', message: 'The second message is invalid.' },
  'too fast': { status: 429, type: 'rate_limit_error', message: 'Number of requests has exceeded your rate limit.' },
  'no credit': {
    status: 429,
    type: 'rate_limit_error',
    message: 'Your credit balance is too low to access the Anthropic API.',
  },
  server: { status: 500, type: 'api_error', message: 'Internal server error' },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
  'gateway timeout': { status: 504, type: 'timeout_error', message: 'The engine did not respond.' },
}
