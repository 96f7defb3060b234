import { newProjectToken, projectTokenBody, projectTokenList, ROUTES } from '@activepieces/contract'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { ProjectTokens } from '../auth/project-tokens.ts'
import type { App } from '../platform/http/app.ts'

/** Routes of the long-lived tokens of a project. */
export function projectTokenRoutes(app: App, tokens: ProjectTokens): void {
  const config = { access: 'admin' } as const
  const tags = ['Project tokens']
  const params = z.strictObject({ id: z.string() })

  app.get(
    ROUTES.projectTokens,
    { config, schema: { tags, summary: 'List the tokens of a project', params, response: { 200: projectTokenList } } },
    async ({ params: { id } }) => ({ data: await tokens.list(id) }),
  )

  app.post(
    ROUTES.projectTokens,
    {
      config,
      schema: {
        tags,
        summary: 'Create a long-lived token',
        description: 'It can only mint engine tokens of its project. It is returned once.',
        params,
        body: projectTokenBody,
        response: { 201: newProjectToken },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await tokens.create(request.params.id, request.body, actorOf(request))),
  )

  app.delete(
    ROUTES.projectToken,
    {
      config,
      schema: {
        tags,
        summary: 'Revoke a token',
        description: 'Engine tokens that it minted stay valid until they expire.',
        params: params.extend({ tokenId: z.string() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await tokens.remove(request.params.id, request.params.tokenId, actorOf(request))
      return reply.code(204).send(null)
    },
  )
}
