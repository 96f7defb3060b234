import { isIP } from 'node:net'
import { allowedOrigin, allowedOriginBody, allowedOriginList, ROUTES } from '@activepieces/contract'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import { addressKind } from '../domain/outbound/addresses.ts'
import type { AllowedOrigins } from '../domain/outbound/allowed-origins.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'
import type { Pools } from '../proxy/pools.ts'

/** Routes of the origins that may have private addresses. */
export function allowedOriginRoutes(app: App, origins: AllowedOrigins, pools: Pools): void {
  const tags = ['Allowed origins']

  app.get(
    ROUTES.allowedOrigins,
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'List the allowed private origins',
        response: { 200: allowedOriginList },
      },
    },
    async () => ({ data: await origins.list() }),
  )

  app.post(
    ROUTES.allowedOrigins,
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Allow an origin with a private address',
        description:
          'For example `http://ollama.lan:11434`. Link-local and cloud metadata addresses are never allowed.',
        body: allowedOriginBody,
        response: { 200: allowedOrigin },
      },
    },
    async (request) => {
      const { origin } = request.body
      const host = new URL(origin).hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) && addressKind(host) === 'never') {
        const message = `${host} is a link-local, multicast or cloud metadata address, which is never allowed.`
        throw new ApiError('invalid-request', message, { param: 'origin' })
      }
      return origins.add(origin, actorOf(request))
    },
  )

  app.delete(
    ROUTES.allowedOrigins,
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Remove an allowed origin',
        description: 'Open connections to it are closed when their calls end.',
        querystring: allowedOriginBody,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { origin } = request.query
      if (!(await origins.remove(origin, actorOf(request)))) {
        throw new ApiError('not-found', `No admin has allowed the origin "${origin}".`, { param: 'origin' })
      }
      pools.forget(origin)
      return reply.code(204).send(null)
    },
  )
}
