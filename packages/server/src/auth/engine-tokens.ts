import { randomUUID } from 'node:crypto'
import type { EngineToken, Project } from '@activepieces/contract'
import { errors, jwtVerify, SignJWT } from 'jose'
import { ApiError } from '../platform/errors.ts'
import type { Keys } from '../platform/secrets/keys.ts'
import { type EngineClaims, readClaims } from './claims.ts'
import { projectNotFound } from './local-project.ts'

export type EngineTokens = {
  /**
   * Mints a token for pieces that is valid for the given time.
   * @throws ApiError 404 `project-not-found`
   */
  readonly mint: (options: MintOptions) => Promise<EngineToken>
  /**
   * Verifies a token. Returns no promise if the token and its project are cached, because it runs before every proxied call.
   * @throws ApiError 401 that says whether the token is expired, revoked or invalid
   */
  readonly verify: (token: string) => EngineClaims | Promise<EngineClaims>
}

export type MintOptions = Omit<EngineClaims, 'tokenId'> & { expiresInSeconds: number }

type FindProject = (id: string) => Project | undefined | Promise<Project | undefined>
type Verified = { readonly claims: EngineClaims; readonly issued: number; readonly expires: number }

const ISSUER = 'ai-provider-server'
const AUDIENCE = 'engine'
const MAX_CACHED = 10_000

/**
 * Short-lived tokens (JWT, HS256) bound to a project. A verified token is cached until it expires. Its project is checked on
 * every call, so that a revocation takes effect immediately.
 */
export function createEngineTokens(keys: Keys, findProject: FindProject): EngineTokens {
  const verified = new Map<string, Verified>()

  const keyOf = ({ kid }: { kid?: string }) => {
    const key = keys.find(kid)
    if (!key) throw INVALID()
    return key.tokens
  }

  const verifySignature = async (token: string): Promise<Verified> => {
    verified.delete(token)
    const { payload } = await jwtVerify(token, keyOf, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      requiredClaims: ['exp', 'iat', 'sub', 'jti'],
    }).catch((error: unknown) => {
      throw error instanceof errors.JWTExpired ? EXPIRED() : INVALID()
    })
    const claims = readClaims(payload)
    const { iat, exp } = payload
    if (!claims || iat === undefined || exp === undefined) throw INVALID()
    const oldest = verified.size >= MAX_CACHED ? verified.keys().next().value : undefined
    if (oldest !== undefined) verified.delete(oldest)
    const known = { claims, issued: Math.round(iat * 1000), expires: exp * 1000 }
    verified.set(token, known)
    return known
  }

  const checkProject = (known: Verified): EngineClaims | Promise<EngineClaims> => {
    const project = findProject(known.claims.projectId)
    return project instanceof Promise
      ? project.then((one) => checkRevocation(known, one))
      : checkRevocation(known, project)
  }

  return {
    async mint({ expiresInSeconds, ...claims }) {
      const { projectId } = claims
      const project = await findProject(projectId)
      if (!project) throw projectNotFound(projectId)
      // In milliseconds, because a revocation ends the tokens minted before it, but not those minted after it. A clock that
      // was ahead during the revocation must not lock the project.
      const revoked = project.tokensValidFrom === null ? 0 : Date.parse(project.tokensValidFrom)
      const issued = Math.max(Date.now(), revoked + 1) / 1000
      const expires = Math.floor(Date.now() / 1000) + expiresInSeconds
      const token = await new SignJWT({ type: 'ENGINE', ...claims })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: keys.current.id })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(projectId)
        .setIssuedAt(issued)
        .setExpirationTime(expires)
        .setJti(randomUUID())
        .sign(keys.current.tokens)
      return { token, expiresAt: new Date(expires * 1000).toISOString(), projectId }
    },
    verify(token) {
      const known = verified.get(token)
      return known && known.expires > Date.now() ? checkProject(known) : verifySignature(token).then(checkProject)
    },
  }
}

function checkRevocation({ claims, issued }: Verified, project: Project | undefined): EngineClaims {
  if (!project) throw REVOKED()
  if (project.tokensValidFrom !== null && issued <= Date.parse(project.tokensValidFrom)) throw REVOKED()
  return claims
}

const EXPIRED = () =>
  new ApiError('engine-token-expired', 'The engine token has expired. Run the step again to get a new one.')

const REVOKED = () =>
  new ApiError(
    'engine-token-revoked',
    'The engine token was revoked: an admin revoked the tokens of its project, or deleted the project. Run the step again.',
  )

const INVALID = () =>
  new ApiError(
    'engine-token-invalid',
    'This is not an engine token of this server. Pieces get one with each run, and admins can mint one with ' +
      'POST /api/v1/engine-tokens. Admin keys and vendor keys are not accepted.',
  )
