import type { Session } from '@activepieces/contract'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../platform/errors.ts'
import type { EngineClaims } from './claims.ts'
import type { EngineTokens } from './engine-tokens.ts'
import { looksLikeProjectToken, type ProjectTokens } from './project-tokens.ts'
import { isSameOrigin } from './same-origin.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'

/** Access rule of a route. Every route declares one in its `config`; the server does not start otherwise. */
export type Access = 'public' | 'admin' | 'engine' | 'admin-or-engine' | 'admin-or-project' | 'admin-or-metrics'

/** The authenticated caller of a route. */
export type Caller =
  | { kind: 'public' }
  | { kind: 'admin'; who: string; session?: Session }
  | { kind: 'project'; projectId: string }
  | { kind: 'metrics' }
  | ({ kind: 'engine' } & EngineClaims)

/** Verify the credentials of a request. */
export type CredentialVerifiers = {
  /** @throws ApiError 429 after too many wrong keys */
  readonly isAdminKey: (key: string, address: string) => Promise<boolean>
  /** Absent if there is no token for metrics. */
  readonly isMetricsToken?: ((token: string) => boolean) | undefined
  readonly tokens: Pick<EngineTokens, 'verify'>
  readonly projectTokens: Pick<ProjectTokens, 'verify'>
  readonly sessions: Pick<Sessions, 'find'>
  readonly cookie: Pick<SessionCookie, 'read'>
  readonly publicUrl: string | undefined
}

/**
 * Authenticates the caller of a request. Returns no promise for a cached engine token.
 *
 * @throws ApiError 401 or 403 if the route's access rule does not admit the caller, 429 after too many wrong admin keys
 */
export function authenticate(request: FastifyRequest, verifiers: CredentialVerifiers): Caller | Promise<Caller> {
  const rule = request.routeOptions.config.access
  if (rule === 'public') return { kind: 'public' }
  if (rule === undefined) throw new ApiError('wrong-credential', 'This route has no access rule.')
  const credential = credentialOf(request.headers)
  if (!credential) return authenticateSession(request, rule, verifiers)
  if (rule === 'admin-or-metrics' && verifiers.isMetricsToken?.(credential)) return { kind: 'metrics' }
  if (looksLikeProjectToken(credential)) {
    if (rule !== 'admin-or-project') throw new ApiError('wrong-credential', MINTS_ONLY)
    return verifiers.projectTokens.verify(credential).then((claims) => ({ kind: 'project', ...claims }))
  }
  if (rule === 'engine' || (rule === 'admin-or-engine' && looksLikeEngineToken(credential))) {
    const claims = verifiers.tokens.verify(credential)
    return claims instanceof Promise ? claims.then(toEngine) : toEngine(claims)
  }
  if (looksLikeEngineToken(credential)) throw new ApiError('wrong-credential', ENGINE_ELSEWHERE)
  // The token is valid elsewhere: it is not an attempt to guess the admin key.
  if (verifiers.isMetricsToken?.(credential)) throw new ApiError('wrong-credential', METRICS_ONLY)
  return authenticateAdmin(credential, request, verifiers)
}

async function authenticateAdmin(
  key: string,
  { ip }: FastifyRequest,
  { isAdminKey }: CredentialVerifiers,
): Promise<Caller> {
  if (await isAdminKey(key, ip)) return { kind: 'admin', who: 'admin key' }
  throw new ApiError('admin-key-invalid', 'The admin key is not valid on this server.')
}

/** A signed-in browser has the rights of the admin key, but can't call vendors. */
async function authenticateSession(
  request: FastifyRequest,
  rule: Access,
  verifiers: CredentialVerifiers,
): Promise<Caller> {
  const { headers, method } = request
  const token = rule === 'engine' ? undefined : verifiers.cookie.read(headers.cookie)
  const session = token === undefined ? undefined : await verifiers.sessions.find(token)
  if (!session) throw missingCredential(rule, token !== undefined)
  if (method !== 'GET' && method !== 'HEAD' && !isSameOrigin(headers, verifiers.publicUrl)) {
    throw new ApiError('cross-site', "A session can only make changes from the server's own pages.")
  }
  return { kind: 'admin', who: `session ${session.id}`, session }
}

const MINTS_ONLY =
  'A project token can only call POST /api/v1/engine-tokens. Mint an engine token with it, and use that.'

const ENGINE_ELSEWHERE = 'This route requires the admin key. Engine tokens are not accepted.'

const METRICS_ONLY = 'The metrics token can only call GET /metrics. This route requires the admin key.'

function toEngine(claims: EngineClaims): Caller {
  return { kind: 'engine', ...claims }
}

/** Reads the credential from any of the headers in which vendors' SDKs send their key. */
function credentialOf(headers: FastifyRequest['headers']): string | undefined {
  const bearer = headers.authorization?.match(/^bearer +(\S+) *$/i)?.[1]
  const other = bearer ?? headers['x-api-key'] ?? headers['api-key'] ?? headers['x-goog-api-key']
  return typeof other === 'string' && other !== '' ? other : undefined
}

function looksLikeEngineToken(credential: string): boolean {
  return credential.startsWith('eyJ') && credential.split('.').length === 3
}

function missingCredential(rule: Access, hadCookie: boolean): ApiError {
  if (rule === 'engine') {
    const words = 'The request has no engine token. Send the token of the run as `Authorization: Bearer <token>`.'
    return new ApiError('engine-token-missing', words)
  }
  if (hadCookie) return new ApiError('session-ended', 'The session has ended. Sign in again.')
  const words = 'The request has no credential. Send the admin key as `Authorization: Bearer <key>`.'
  return new ApiError('admin-key-missing', words)
}
