import { randomUUID } from 'node:crypto'
import type { EngineToken, Project } from '@activepieces/contract'
import { errors, jwtVerify, SignJWT } from 'jose'
import { ApiError } from '../http/errors.ts'
import type { Keys } from '../secrets/keys.ts'

/** What an engine token says. */
export type EngineClaims = { readonly projectId: string }

export type EngineTokens = {
  /** Makes a token that a piece may use for that long. */
  readonly mint: (options: { projectId: string; expiresInSeconds: number }) => Promise<EngineToken>
  /** @throws ApiError 401 that says whether the token is expired or not valid */
  readonly verify: (token: string) => EngineClaims | Promise<EngineClaims>
}

const ISSUER = 'ai-provider-server'
const AUDIENCE = 'engine'
const MOST_REMEMBERED = 10_000

/** A verified token: what it says, until when, and when it was made, both in milliseconds since 1970. */
type Verified = { readonly claims: EngineClaims; readonly expires: number; readonly made: number }

/** What is known of a token's project. */
type FindProject = (id: string) => Pick<Project, 'tokensValidFrom'> | undefined | Promise<Project | undefined>

/**
 * Short-lived tokens (JWT, HS256) bound to a project. A token that was verified is remembered until it expires; whether its
 * project has revoked it since is asked each time.
 */
export function engineTokens(keys: Keys, findProject: FindProject = () => undefined): EngineTokens {
  const verified = new Map<string, Verified>()

  const remember = (token: string, known: Verified) => {
    const oldest = verified.size >= MOST_REMEMBERED ? verified.keys().next().value : undefined
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(token, known)
    return known
  }

  const keyOf = ({ kid }: { kid?: string }) => {
    const key = keys.find(kid)
    if (!key) throw INVALID()
    return key.tokens
  }

  const read = async (token: string): Promise<Verified> => {
    verified.delete(token)
    const { payload } = await jwtVerify(token, keyOf, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      requiredClaims: ['exp', 'sub', 'jti'],
    }).catch((error: unknown) => {
      throw error instanceof errors.JWTExpired ? EXPIRED() : INVALID()
    })
    const { type, projectId, exp, made } = payload
    if (type !== 'ENGINE' || typeof projectId !== 'string' || typeof made !== 'number' || exp === undefined)
      throw INVALID()
    return remember(token, { claims: { projectId }, expires: exp * 1000, made })
  }

  /** At once where the project is in memory. */
  const unlessRevoked = ({ claims, made }: Verified): EngineClaims | Promise<EngineClaims> => {
    const judge = (project: Pick<Project, 'tokensValidFrom'> | undefined): EngineClaims => {
      const from = project?.tokensValidFrom
      if (from && made <= Date.parse(from)) throw REVOKED()
      return claims
    }
    const project = findProject(claims.projectId)
    return project instanceof Promise ? project.then(judge) : judge(project)
  }

  return {
    async mint({ projectId, expiresInSeconds }) {
      const issued = Math.floor(Date.now() / 1000)
      const expires = issued + expiresInSeconds
      const token = await new SignJWT({ type: 'ENGINE', projectId, made: Date.now() })
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
      return known && known.expires > Date.now() ? unlessRevoked(known) : read(token).then(unlessRevoked)
    },
  }
}

const EXPIRED = () =>
  new ApiError(
    401,
    'engine-token-expired',
    'The engine token has expired. Run the step again: each run gets a new one.',
  )

const REVOKED = () =>
  new ApiError(
    401,
    'engine-token-invalid',
    'The tokens of this project have been revoked. Run the step again: each run gets a new one.',
  )

const INVALID = () =>
  new ApiError(
    401,
    'engine-token-invalid',
    'This is not an engine token of this server. Pieces get theirs with each run; an admin can mint one with ' +
      'POST /api/v1/engine-tokens. Admin keys and vendor keys are not accepted here.',
  )
