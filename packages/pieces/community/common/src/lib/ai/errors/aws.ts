/**
 * Returns AWS's type of an error, e.g. `ThrottlingException`. It is in a header, followed by a colon and a URL. Inside a
 * stream it is the exception type, in camel case, which the frame reader puts into `__type`.
 */
export function awsTypeOf(
  body: { readonly [field: string]: unknown },
  headers: Headers | undefined,
): string | undefined {
  const word = headers?.get('x-amzn-errortype') ?? body['__type']
  if (typeof word !== 'string') return undefined
  const [name = ''] = word.slice(word.lastIndexOf('#') + 1).split(':', 1)
  return name === '' ? undefined : `${name[0]?.toUpperCase()}${name.slice(1)}`
}

/**
 * AWS's error types. The status does not tell them apart: an invalid key and a missing permission are both 403.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
 * and https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
export const AWS_TYPES = {
  AccessDeniedException: 'permission',
  ExpiredTokenException: 'authentication',
  IncompleteSignatureException: 'authentication',
  InternalServerException: 'server-error',
  InvalidSignatureException: 'authentication',
  MissingAuthenticationTokenException: 'authentication',
  ModelErrorException: 'server-error',
  ModelNotReadyException: 'overloaded',
  ModelStreamErrorException: 'server-error',
  ModelTimeoutException: 'timeout',
  ResourceNotFoundException: 'model-not-found',
  ServiceQuotaExceededException: 'out-of-credit',
  ServiceUnavailableException: 'overloaded',
  ThrottlingException: 'rate-limit',
  UnknownOperationException: 'not-found',
  UnrecognizedClientException: 'authentication',
  ValidationException: 'invalid-request',
} as const
