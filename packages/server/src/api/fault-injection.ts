import { drill, drillBody, drillState, ROUTES } from '@activepieces/contract'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { FaultInjections } from '../domain/connections/fault-injections.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

export function faultInjectionRoutes(app: App, drills: FaultInjections): void {
  const tags = ['Fault drill']
  const params = z.strictObject({ slug: z.string() })

  app.post(
    ROUTES.drill,
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Make the calls of a connection fail for some time',
        description: 'Until it ends, every response has the header `x-ai-proxy-drill`.',
        params,
        body: drillBody,
        response: { 200: drill },
      },
    },
    async (request) => {
      const { slug } = request.params
      return (await drills.start(slug, request.body, actorOf(request))) ?? unknown(slug)
    },
  )

  app.get(
    ROUTES.drill,
    {
      config: { access: 'admin' },
      schema: { tags, summary: 'Get the drill in progress', params, response: { 200: drillState } },
    },
    async ({ params: { slug } }) => {
      const found = await drills.find(slug)
      return found === undefined ? unknown(slug) : { drill: found }
    },
  )

  app.delete(
    ROUTES.drill,
    { config: { access: 'admin' }, schema: { tags, summary: 'Stop the drill', params, response: { 204: z.null() } } },
    async (request, reply) => {
      const { slug } = request.params
      return (await drills.stop(slug, actorOf(request))) ? reply.code(204).send(null) : unknown(slug)
    },
  )
}

function unknown(slug: string): never {
  throw new ApiError('connection-not-found', `There is no connection "${slug}".`)
}
