import { loginBody, ROUTES, session, sessionState } from '@activepieces/contract'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { SessionCookie } from '../auth/session-cookie.ts'
import type { Sessions } from '../auth/sessions.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

export type SessionParts = {
  readonly sessions: Sessions
  readonly cookie: SessionCookie
  /** @throws ApiError 429 after too many wrong keys */
  readonly isAdminKey: (key: string, address: string) => Promise<boolean>
}

/** Routes to sign in and out in a browser. */
export function sessionRoutes(app: App, { sessions, cookie, isAdminKey }: SessionParts): void {
  const tags = ['Session']

  app.post(
    ROUTES.session,
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Sign in',
        description: 'Exchanges the admin key for a cookie that scripts cannot read and other sites cannot send.',
        body: loginBody,
        response: { 201: session },
      },
    },
    async (request, reply) => {
      if (!(await isAdminKey(request.body.adminKey, request.ip))) {
        throw new ApiError('admin-key-invalid', 'The admin key is not valid on this server.', { param: 'adminKey' })
      }
      const { token, ...made } = await sessions.create(request.id)
      return reply.header('set-cookie', cookie.set(token)).code(201).send(made)
    },
  )

  app.get(
    ROUTES.session,
    {
      config: { access: 'admin' },
      schema: { tags, summary: 'Get the session', response: { 200: sessionState } },
    },
    async ({ caller }) => ({ session: (caller.kind === 'admin' && caller.session) || null }),
  )

  app.delete(
    ROUTES.session,
    { config: { access: 'admin' }, schema: { tags, summary: 'Sign out', response: { 204: z.null() } } },
    async (request, reply) => {
      const { caller } = request
      if (caller.kind === 'admin' && caller.session) await sessions.remove(caller.session.id, actorOf(request))
      return reply.header('set-cookie', cookie.clear()).code(204).send(null)
    },
  )
}
