import type { RouteOptions } from 'fastify'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'
import { type Access, authenticate, type Caller, type CredentialVerifiers } from './authenticate.ts'
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
 * Enforces the access rules of all routes of the app, including those of plugins.
 *
 * @returns lists the routes and their access rules
 */
export function enforceAccess(app: App, verifiers: CredentialVerifiers): () => RouteAccess[] {
  const routes: RouteOptions[] = []
  app.decorateRequest('caller')
  // Uses callbacks, and no promise for a cached token, because it runs before every proxied call.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done()
    const accept = (caller: Caller) => {
      request.caller = caller
      done()
    }
    try {
      const caller = authenticate(request, verifiers)
      if (caller instanceof Promise) caller.then(accept, done)
      else accept(caller)
    } catch (error) {
      // SAFETY: only errors are thrown here.
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

/** The project of a call: that of the token, or one that an admin names. */
export function projectOf(caller: Caller, named: string | undefined): string {
  if (caller.kind !== 'engine' && caller.kind !== 'project') return named ?? LOCAL_PROJECT
  if (named === undefined || named === caller.projectId) return caller.projectId
  throw new ApiError('wrong-credential', `The token is for project "${caller.projectId}".`, { param: 'projectId' })
}

/** Refuses restricted tokens on routes that use a token of their own, without the caller's restrictions. */
export function refuseRestricted(caller: Caller): void {
  if (caller.kind !== 'engine' || !isRestricted(caller)) return
  const words = 'The engine token is restricted to certain calls of a vendor. It cannot run pieces on this server.'
  throw new ApiError('wrong-credential', words)
}
