import {
  catalogue,
  connection,
  connectionList,
  ROUTES,
  saveConnectionBody,
  updateConnectionBody,
} from '@activepieces/contract'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { CheckConnection } from '../domain/connections/check.ts'
import type { Connections } from '../domain/connections/connections.ts'
import { checked, statusOf } from '../domain/connections/require-working.ts'
import { connectionNotFound } from '../domain/connections/rows.ts'
import type { App } from '../platform/http/app.ts'

const tags = ['AI providers']
const config = { access: 'admin' } as const
const params = z.strictObject({ idOrSlug: z.string() })

/** What changes a connection. The credential is tried before it is stored. */
export function connectionRoutes(app: App, connections: Connections, check: CheckConnection): void {
  app.post(
    ROUTES.aiProviders,
    {
      config,
      schema: {
        tags,
        summary: 'Connect a provider',
        description:
          'Replaces the connection of that slug whole. The credential is tried first: one that the vendor rejects, or ' +
          'that has no credit, is not stored; with `saveAnyway` it is when the vendor cannot be reached.',
        body: saveConnectionBody,
        response: { 200: connection },
      },
    },
    async (request) => {
      const by = actorOf(request)
      const result = await checked(check, await connections.draft(request.body), request.body.saveAnyway)
      const saved = await connections.save(request.body, by)
      const noted = await connections.note(saved.slug, ...statusOf(result), by)
      return noted ?? saved
    },
  )

  app.patch(
    ROUTES.aiProvider,
    {
      config,
      schema: {
        tags,
        summary: 'Change a connection',
        description: 'What is absent stays. A new origin asks for the credential again; what is new is tried first.',
        params,
        body: updateConnectionBody,
        response: { 200: connection },
      },
    },
    async (request) => {
      const { body } = request
      const by = actorOf(request)
      let status: ReturnType<typeof statusOf> | undefined
      const changed = await connections.update(request.params.idOrSlug, body, by, async (draft) => {
        status = statusOf(await checked(check, draft, body.saveAnyway))
      })
      return (status && (await connections.note(changed.slug, ...status, by))) ?? changed
    },
  )

  app.delete(
    ROUTES.aiProvider,
    { config, schema: { tags, summary: 'Delete a connection', params, response: { 204: z.null() } } },
    async (request, reply) => {
      const { idOrSlug } = request.params
      if (!(await connections.remove(idOrSlug, actorOf(request)))) throw connectionNotFound(idOrSlug)
      return reply.code(204).send(null)
    },
  )
}

/** What tells of the connections, to pieces too. */
export function connectionListRoutes(app: App, connections: Connections): void {
  const open = { access: 'admin-or-engine' } as const

  app.get(
    ROUTES.aiProviders,
    {
      config: open,
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

  app.get(
    ROUTES.catalogue,
    { config: open, schema: { tags, summary: 'List the providers of the registry', response: { 200: catalogue } } },
    async () => ({ data: connections.catalogue() }),
  )
}
