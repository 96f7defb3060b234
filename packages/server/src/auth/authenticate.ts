import type { Session } from '@activepieces/contract'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../platform/errors.ts'
import type { EngineClaims } from './claims.ts'
import type { EngineTokens } from './engine-tokens.ts'
import { looksLikeProjectToken, type ProjectTokens } from './project-tokens.ts'
import { isSameOrigin } from './same-origin.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'

/** Who may call a route. Every route declares one in its `config`; a server with a route that does not is refused. */
export type Access = 'public' | 'admin' | 'engine' | 'admin-or-engine' | 'admin-or-project' | 'admin-or-metrics'

/** Who is calling, as the access rule of the route let them in. */
export type Caller =
  | { kind: 'public' }
  | { kind: 'admin'; who: string; session?: Session }
  | { kind: 'project'; projectId: string }
  | { kind: 'metrics' }
  | ({ kind: 'engine' } & EngineClaims)

/** What knows the credentials. */
export type CredentialVerifiers = {
  /** @throws ApiError 429 when too many were wrong */
  readonly isAdminKey: (key: string, address: string) => Promise<boolean>
  /** Absent: there is no token for metrics. */
  readonly isMetricsToken?: ((token: string) => boolean) | undefined
  readonly tokens: Pick<EngineTokens, 'verify'>
  readonly projectTokens: Pick<ProjectTokens, 'verify'>
  readonly sessions: Pick<Sessions, 'find'>
  readonly cookie: Pick<SessionCookie, 'read'>
  readonly publicUrl: string | undefined
}

/**
 * Who is calling. Not a promise where an engine token is known.
 *
 * @throws ApiError 401 or 403 when the rule of the route lets them not in, 429 when too many admin keys were wrong
 */
export function admit(request: FastifyRequest, verifiers: CredentialVerifiers): Caller | Promise<Caller> {
  const rule = request.routeOptions.config.access
  if (rule === 'public') return { kind: 'public' }
  if (rule === undefined) throw new ApiError('wrong-credential', 'This route is closed: it has no access rule.')
  const credential = presented(request.headers)
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
  // The server knows this token: it is not a guess at the admin key.
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

/** A browser that is signed in may do what the admin key may, and never calls a vendor. */
async function authenticateSession(
  request: FastifyRequest,
  rule: Access,
  verifiers: CredentialVerifiers,
): Promise<Caller> {
  const { headers, method } = request
  const token = rule === 'engine' ? undefined : verifiers.cookie.read(headers.cookie)
  const session = token === undefined ? undefined : await verifiers.sessions.find(token)
  if (!session) throw missing(rule, token !== undefined)
  if (method !== 'GET' && method !== 'HEAD' && !isSameOrigin(headers, verifiers.publicUrl)) {
    throw new ApiError('cross-site', "A session can only make changes from the server's own pages.")
  }
  return { kind: 'admin', who: `session ${session.id}`, session }
}

const MINTS_ONLY =
  'A project token opens POST /api/v1/engine-tokens alone. Mint an engine token with it, and call with that.'

const ENGINE_ELSEWHERE = 'This route needs the admin key; an engine token does not open it.'

const METRICS_ONLY = 'The metrics token only opens GET /metrics. This route needs the admin key.'

function toEngine(claims: EngineClaims): Caller {
  return { kind: 'engine', ...claims }
}

/** The caller's credential, in any of the headers in which a vendor's SDK sends its key. */
function presented(headers: FastifyRequest['headers']): string | undefined {
  const bearer = headers.authorization?.match(/^bearer +(\S+) *$/i)?.[1]
  const other = bearer ?? headers['x-api-key'] ?? headers['api-key'] ?? headers['x-goog-api-key']
  return typeof other === 'string' && other !== '' ? other : undefined
}

function looksLikeEngineToken(credential: string): boolean {
  return credential.startsWith('eyJ') && credential.split('.').length === 3
}

function missing(rule: Access, hadCookie: boolean): ApiError {
  if (rule === 'engine') {
    const words = 'No engine token came with the request. Send the one of the run as `Authorization: Bearer <token>`.'
    return new ApiError('engine-token-missing', words)
  }
  if (hadCookie) return new ApiError('session-ended', 'The session has ended. Sign in again.')
  const words = 'No credential came with the request. Send the admin key as `Authorization: Bearer <key>`.'
  return new ApiError('admin-key-missing', words)
}
