import { engineToken, engineTokenBody, ROUTES } from '@activepieces/contract'
import { projectOf } from '../auth/access.ts'
import { actorOf } from '../auth/actor.ts'
import type { MintEngineToken } from '../auth/mint-engine-token.ts'
import type { App } from '../platform/http/app.ts'

export function engineTokenRoutes(app: App, mint: MintEngineToken): void {
  app.post(
    ROUTES.engineTokens,
    {
      config: { access: 'admin-or-project' },
      schema: {
        tags: ['Engine tokens'],
        summary: 'Mint an engine token',
        description: 'Requires the admin key, or a token of the project. Absent fields do not restrict the token.',
        body: engineTokenBody,
        response: { 201: engineToken },
      },
    },
    async (request, reply) => {
      const { caller, body } = request
      const projectId = projectOf(caller, body.projectId)
      const by = caller.kind === 'admin' ? actorOf(request) : undefined
      return reply.code(201).send(await mint({ ...body, projectId }, by))
    },
  )
}
