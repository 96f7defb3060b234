import type { RouteOptions } from 'fastify'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'
import { type Access, admit, type Caller, type CredentialVerifiers } from './authenticate.ts'
import { isRestricted } from './claims.ts'
import { LOCAL_PROJECT } from './local-project.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    caller: Caller
  }
}

export type RouteAccess = { readonly route: string; readonly access: Access | undefined }

/**
 * Puts the access rules in force for every route of the app, also for those that plugins bring. Gives back what lists
 * them.
 */
export function enforceAccess(app: App, verifiers: CredentialVerifiers): () => RouteAccess[] {
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
      const caller = admit(request, verifiers)
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
  throw new ApiError('wrong-credential', `The token is for project "${caller.projectId}".`, { param: 'projectId' })
}

/** For what would go on with a token of its own, without the limits of the caller's. */
export function refuseRestricted(caller: Caller): void {
  if (caller.kind !== 'engine' || !isRestricted(caller)) return
  const words = 'The engine token is limited to certain calls of a vendor. It runs no pieces on this server.'
  throw new ApiError('wrong-credential', words)
}
