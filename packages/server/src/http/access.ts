import type { FastifyRequest, RouteOptions } from 'fastify'
import { LOCAL_PROJECT } from '../projects/projects.ts'
import { type EngineClaims, isRestricted } from '../tokens/claims.ts'
import type { EngineTokens } from '../tokens/engine-tokens.ts'
import { looksLikeProjectToken, type ProjectTokens } from '../tokens/project-tokens.ts'
import type { App } from './app.ts'
import { ApiError } from './errors.ts'

/** Who may call a route. Every route declares one in its `config`; a server with a route that does not is refused. */
export type Access = 'public' | 'admin' | 'engine' | 'admin-or-engine' | 'admin-or-project'

/** Who is calling, as the access rule of the route let them in. */
export type Caller =
  | { kind: 'public' }
  | { kind: 'admin'; who: string }
  | { kind: 'project'; projectId: string }
  | ({ kind: 'engine' } & EngineClaims)

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    caller: Caller
  }
}

type Doors = {
  isAdminKey: (key: string) => boolean
  tokens: Pick<EngineTokens, 'verify'>
  projectTokens: Pick<ProjectTokens, 'verify'>
}

export type RouteAccess = { readonly route: string; readonly access: Access | undefined }

/**
 * Puts the access rules in force for every route of the app, also for those that plugins bring. Gives back what lists
 * them.
 */
export function enforceAccess(app: App, doors: Doors): () => RouteAccess[] {
  const routes: RouteOptions[] = []
  app.decorateRequest('caller')
  // By callback, and without a promise for a token that is known: this stands before every proxied call.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done()
    const enter = (caller: Caller) => {
      request.caller = caller
      done()
    }
    try {
      const caller = admit(request, doors)
      if (caller instanceof Promise) caller.then(enter, done)
      else enter(caller)
    } catch (error) {
      // SAFETY: what is thrown here is an ApiError, or an error of the code.
      done(error as Error)
    }
  })
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  const list = () =>
    routes.flatMap(({ method, url, config }) =>
      [method].flat().map((verb) => ({ route: `${verb} ${url}`, access: config?.access })),
    )
  app.addHook('onReady', async () => {
    const open = list().filter(({ access }) => access === undefined)
    if (open.length > 0) throw new Error(`Routes without an access rule: ${open.map(({ route }) => route).join(', ')}`)
  })
  return list
}

/** The project that a call is made for: a token has its own, an admin may name one. */
export function projectOf(caller: Caller, named: string | undefined): string {
  if (caller.kind !== 'engine' && caller.kind !== 'project') return named ?? LOCAL_PROJECT
  if (named === undefined || named === caller.projectId) return caller.projectId
  throw new ApiError(403, 'wrong-credential', `The token is for project "${caller.projectId}".`, 'projectId')
}

/** For what would go on with a token of its own, without the limits of the caller's. */
export function refuseRestricted(caller: Caller): void {
  if (caller.kind !== 'engine' || !isRestricted(caller)) return
  const words = 'The engine token is limited to certain calls of a vendor. It runs no pieces on this server.'
  throw new ApiError(403, 'wrong-credential', words)
}

function admit(request: FastifyRequest, { isAdminKey, tokens, projectTokens }: Doors): Caller | Promise<Caller> {
  const rule = request.routeOptions.config.access
  if (rule === 'public') return { kind: 'public' }
  if (rule === undefined) throw new ApiError(403, 'wrong-credential', 'This route is closed: it has no access rule.')
  const credential = presented(request.headers)
  if (!credential) throw missing(rule)
  if (rule !== 'engine' && isAdminKey(credential)) return { kind: 'admin', who: 'admin key' }
  if (looksLikeProjectToken(credential)) {
    if (rule !== 'admin-or-project') throw new ApiError(403, 'wrong-credential', MINTS_ONLY)
    return projectTokens.verify(credential).then((claims) => ({ kind: 'project', ...claims }))
  }
  if (rule === 'engine' || rule === 'admin-or-engine') {
    const claims = tokens.verify(credential)
    return claims instanceof Promise ? claims.then(toEngine) : toEngine(claims)
  }
  if (looksLikeToken(credential)) {
    throw new ApiError(403, 'wrong-credential', 'This route needs the admin key; an engine token does not open it.')
  }
  throw new ApiError(401, 'admin-key-invalid', 'The admin key is not the one of this server.')
}

const MINTS_ONLY =
  'A project token opens POST /api/v1/engine-tokens alone. Mint an engine token with it, and call with that.'

function toEngine(claims: EngineClaims): Caller {
  return { kind: 'engine', ...claims }
}

/** The caller's credential, in any of the headers in which a vendor's SDK sends its key. */
function presented(headers: FastifyRequest['headers']): string | undefined {
  const bearer = headers.authorization?.match(/^bearer +(\S+) *$/i)?.[1]
  const other = bearer ?? headers['x-api-key'] ?? headers['api-key'] ?? headers['x-goog-api-key']
  return typeof other === 'string' && other !== '' ? other : undefined
}

function looksLikeToken(credential: string): boolean {
  return credential.startsWith('eyJ') && credential.split('.').length === 3
}

function missing(rule: Access): ApiError {
  if (rule === 'engine') {
    const words = 'No engine token came with the request. Send the one of the run as `Authorization: Bearer <token>`.'
    return new ApiError(401, 'engine-token-missing', words)
  }
  const words = 'No credential came with the request. Send the admin key as `Authorization: Bearer <key>`.'
  return new ApiError(401, 'admin-key-missing', words)
}
