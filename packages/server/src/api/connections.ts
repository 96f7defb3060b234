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
import type { Connections, TestDraft } from '../domain/connections/connections.ts'
import { requireWorking } from '../domain/connections/require-working.ts'
import { connectionNotFound } from '../domain/connections/rows.ts'
import type { App } from '../platform/http/app.ts'

const tags = ['AI providers']
const config = { access: 'admin' } as const
const params = z.strictObject({ idOrSlug: z.string() })

/** Routes that change connections. A credential is tested before it is stored. */
export function connectionRoutes(app: App, connections: Connections, check: CheckConnection): void {
  app.post(
    ROUTES.aiProviders,
    {
      config,
      schema: {
        tags,
        summary: 'Connect a provider',
        description:
          'Replaces a connection with the same slug. Tests the credential first, and does not save one that the vendor ' +
          "rejects or that has no credit left. Set `saveAnyway` to save it if the vendor can't be reached.",
        body: saveConnectionBody,
        response: { 200: connection },
      },
    },
    async (request) => {
      const { body } = request
      return connections.save(body, actorOf(request), (draft) => requireWorking(check, draft, body.saveAnyway))
    },
  )

  app.patch(
    ROUTES.aiProvider,
    {
      config,
      schema: {
        tags,
        summary: 'Change a connection',
        description:
          'Absent fields keep their values. A new origin requires the credential again. A new base URL or credential is tested first.',
        params,
        body: updateConnectionBody,
        response: { 200: connection },
      },
    },
    async (request) => {
      const { params, body } = request
      const test: TestDraft = (draft) => requireWorking(check, draft, body.saveAnyway)
      return connections.update(params.idOrSlug, body, actorOf(request), test)
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

/** Routes that list connections, also for pieces. */
export function connectionListRoutes(app: App, connections: Connections): void {
  const open = { access: 'admin-or-engine' } as const

  app.get(
    ROUTES.aiProviders,
    {
      config: open,
      schema: {
        tags,
        summary: 'List the connected providers',
        description: 'With an engine token, only those that the token can call.',
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
