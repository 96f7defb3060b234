import { type ErrorFixture, type ErrorKind, event } from './protocol.ts'

/** Encodes a Bedrock error. Its type is in a header, or in a stream in the frame's headers in camel case. */
export function converseError(kind: ErrorKind): ErrorFixture {
  const { status, type, message, inStream } = ERRORS[kind]
  const body = { message }
  return {
    status,
    body,
    ...(type && { headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` } }),
    message,
    ...(type && inStream && { event: event(body, `exception ${type[0]?.toLowerCase()}${type.slice(1)}`) }),
  }
}

/** Errors without a type come only from gateways. */
type Row = { status: number; type?: string; message: string; inStream?: true }

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html */
const ERRORS: Record<ErrorKind, Row> = {
  'bad parameter': {
    status: 400,
    type: 'ValidationException',
    message:
      "1 validation error detected: Value '7' at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1",
    inStream: true,
  },
  'context length': {
    status: 400,
    type: 'ValidationException',
    message: 'Input is too long for requested model.',
    inStream: true,
  },
  'content filter': { status: 400, message: 'The prompt was refused by the content filtering policy of a gateway.' },
  'bad key': {
    status: 403,
    type: 'AccessDeniedException',
    message: 'Authentication failed: Please make sure your API Key is valid.',
  },
  payment: { status: 402, message: 'There is a problem with your payment method.' },
  permission: {
    status: 403,
    type: 'AccessDeniedException',
    message: "You don't have access to the model with the specified model ID.",
  },
  model: { status: 400, type: 'ValidationException', message: 'The provided model identifier is invalid.' },
  timeout: { status: 408, type: 'ModelTimeoutException', message: 'The request took too long to process.' },
  conflict: { status: 409, message: 'A conflicting request is in progress.' },
  'too large': {
    status: 400,
    type: 'ValidationException',
    message: 'The model returned the following errors: too many total text bytes: 10000002 > 9000000',
  },
  unprocessable: { status: 422, message: 'The second message is invalid.' },
  'too fast': {
    status: 429,
    type: 'ThrottlingException',
    message: 'Too many requests, please wait before trying again.',
    inStream: true,
  },
  'no credit': {
    status: 400,
    type: 'ServiceQuotaExceededException',
    message: 'Your request exceeds the service quota for your account.',
  },
  server: {
    status: 500,
    type: 'InternalServerException',
    message: 'The system encountered an unexpected error during processing. Try your request again.',
    inStream: true,
  },
  overloaded: {
    status: 503,
    type: 'ServiceUnavailableException',
    message: 'Bedrock is unable to process your request.',
    inStream: true,
  },
  'gateway timeout': { status: 504, message: 'The request timed out.' },
}
