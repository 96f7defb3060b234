import { catalogue, connection, connectionList, ROUTES, saveConnectionBody } from '@activepieces/contract'
import { z } from 'zod'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import type { Connections } from './connections.ts'

export function connectionRoutes(app: App, connections: Connections): void {
  const tags = ['AI providers']

  app.get(
    ROUTES.aiProviders,
    {
      config: { access: 'admin-or-engine' },
      schema: {
        tags,
        summary: 'List the connected providers',
        description: 'For an engine token those that it may call.',
        response: { 200: connectionList },
      },
    },
    async ({ caller }) => {
      const all = await connections.list()
      const only = caller.kind === 'engine' ? caller.connectionId : undefined
      return { data: only === undefined ? all : all.filter(({ id }) => id === only), next: null, previous: null }
    },
  )

  app.post(
    ROUTES.aiProviders,
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Connect a provider',
        description: 'Replaces the connection of that slug whole: the credential must be given again each time.',
        body: saveConnectionBody,
        response: { 200: connection },
      },
    },
    async (request) => connections.save(request.body),
  )

  app.delete(
    ROUTES.aiProvider,
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Delete a connection',
        params: z.strictObject({ idOrSlug: z.string() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { idOrSlug } = request.params
      if (await connections.remove(idOrSlug)) return reply.code(204).send(null)
      throw new ApiError(404, 'connection-not-found', `There is no connection "${idOrSlug}".`)
    },
  )

  app.get(
    ROUTES.catalogue,
    {
      config: { access: 'admin-or-engine' },
      schema: { tags, summary: 'List the providers of the registry', response: { 200: catalogue } },
    },
    async () => ({ data: connections.catalogue() }),
  )
}
