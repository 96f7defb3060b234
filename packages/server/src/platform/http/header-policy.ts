/**
 * Decides which of a caller's headers a provider gets. Everything that is not listed here, in the provider's registry entry or in
 * the connection is dropped: gateways read routing and configuration from headers, and would send the stored credential
 * to whatever host such a header names.
 */

/** Headers that every provider gets, in lower case. */
const DEFAULT_ALLOWED: ReadonlySet<string> = new Set([
  // Content negotiation and the body, RFC 9110.
  ...['accept', 'accept-charset', 'accept-encoding', 'accept-language', 'cache-control', 'prefer', 'priority', 'range'],
  ...['content-disposition', 'content-encoding', 'content-language', 'content-md5', 'content-type'],
  ...['if-match', 'if-modified-since', 'if-none-match', 'if-unmodified-since', 'referer', 'user-agent'],
  // Trace context and ids of a request.
  ...['baggage', 'traceparent', 'tracestate', 'idempotency-key', 'x-idempotency-key', 'x-request-id'],
  // OpenAI, and Azure OpenAI. @see https://platform.openai.com/docs/api-reference/debugging-requests
  ...['openai-beta', 'openai-organization', 'openai-project', 'x-client-request-id'],
  ...['extra-parameters', 'x-ms-client-request-id', 'x-ms-useragent'],
  // Anthropic. @see https://platform.claude.com/docs/en/api/versioning and the SDK's source
  ...['anthropic-beta', 'anthropic-version', 'anthropic-dangerous-direct-browser-access', 'anthropic-organization-id'],
  ...['anthropic-user-profile-id', 'anthropic-worker-id', 'anthropic-workspace-id'],
  // Google Gemini. @see https://cloud.google.com/apis/docs/system-parameters
  ...['x-goog-api-client', 'x-server-timeout'],
  // Amazon Bedrock. @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
  ...['amz-sdk-invocation-id', 'amz-sdk-request', 'x-amz-user-agent', 'x-amzn-trace-id', 'x-amzn-bedrock-accept'],
  ...['x-amzn-bedrock-guardrailidentifier', 'x-amzn-bedrock-guardrailversion', 'x-amzn-bedrock-trace'],
  ...['x-amzn-bedrock-performanceconfig-latency', 'x-amzn-bedrock-service-tier'],
  // OpenRouter. @see https://openrouter.ai/docs/api-reference/overview#headers
  ...['http-referer', 'x-title', 'x-openrouter-title', 'x-openrouter-categories'],
  // Cohere and its SDK. @see https://docs.cohere.com/reference/chat
  ...['x-client-name', 'x-fern-language', 'x-fern-sdk-name', 'x-fern-sdk-version', 'x-fern-runtime'],
  // Fireworks, Groq, Mistral, xAI: prompt caches and versions.
  ...['x-session-affinity', 'x-affinity', 'x-prompt-cache-isolation-key', 'groq-model-version', 'x-grok-conv-id'],
])

/** Telemetry of the OpenAI and Anthropic SDKs: language, platform, timeout, retry count, helper. */
const SDK_TELEMETRY = /^x-stainless-[a-z-]{1,40}$/

/** @param lower the name in lower case */
export function isAllowedByDefault(lower: string): boolean {
  return DEFAULT_ALLOWED.has(lower) || SDK_TELEMETRY.test(lower)
}

/**
 * Normalizes names that are equal for servers that read headers as variables: casing, and `_` for `-` as in CGI.
 *
 * @param name name of a header, as written
 */
export function headerKey(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

/** Dropped without being reported, because every call has them: the proxy sets its own. */
const REPLACED =
  /^(host|content-length|authorization|x-api-key|api-key|x-goog-api-key|sec-fetch-[a-z]+|connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/

export function isReplaced(lower: string): boolean {
  return REPLACED.test(lower)
}

/** A header that carries a credential, by its key (`headerKey`). */
export const CREDENTIAL_HEADER =
  /(^|-)(auth|authorization|authentication|(api|access|secret|virtual|subscription|private)?-?keys?|secrets?|(id|auth|access)?token|jwt|cookie2?|passw(or)?d|credentials?|signature|byok|vk)(-|$)/

/** A header that chooses where a gateway sends a call, by its key, and why a caller may not set it. */
const ROUTING: readonly (readonly [pattern: RegExp, why: string])[] = [
  [
    /(^|-)(url|uri|host|hostname|domain|endpoint|origin|upstream|backend|server|target|destination|dest|redirect)s?(-|$)/,
    'it can name the host that a gateway sends the credential to',
  ],
  [/(^|-)(base|base-?url|api-base|azure-resource|region|account|tenant)(-|$)/, 'it can choose another host or account'],
  [
    /^x-portkey-|^x-bf-|^x-tfy-|(^|-)(config|configuration|settings)(-|$)/,
    'it can hold a configuration of the gateway, with a host or a provider in it',
  ],
  [
    /(^|-)(providers?|models?|deployments?|engines?|route[rs]?|routes|routing|fallbacks?|override|tags|alias|ai-eg)(-|$)/,
    'it can choose another provider or model',
  ],
  [/(^|-)(method|scheme|proto|rewrite|original)(-|$)/, 'it can change the method, scheme or path of the call'],
  [
    /^x-pass-|^x-litellm-pass|^x-amz-target$|^x-goog-user-project$/,
    'the gateway turns it into another header or operation',
  ],
]

/** Headers about the connection to this server, and those of the server itself. */
const TRANSPORT =
  /^(host|expect|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|forwarded|via|.*(^|-)forwarded(-.*)?|x-real-ip|.*-(client|connecting)-ip|x-envoy-.*|x-ap-.*|x-ai-proxy-.*|sec-.*)$/

/**
 * Why a header can't be allowed to callers: it carries a credential, belongs to one connection, or routes.
 *
 * @param name name of the header, as written
 * @returns undefined if it can be allowed
 */
export function whyNeverAllowed(name: string): string | undefined {
  const key = headerKey(name)
  if (isAllowedByDefault(key)) return undefined
  if (TRANSPORT.test(key)) return 'it belongs to one HTTP connection, or the server sets it'
  if (CREDENTIAL_HEADER.test(key)) return 'it carries a credential: store it with the connection'
  return ROUTING.find(([pattern]) => pattern.test(key))?.[1]
}

export function isHopByHop(lower: string): boolean {
  return HOP_BY_HOP.has(lower)
}

/** Headers about one connection, not about the message (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
