import { engineToken, engineTokenBody, ROUTES } from '@activepieces/contract'
import type { App } from '../http/app.ts'
import type { EngineTokens } from './engine-tokens.ts'

export function engineTokenRoutes(app: App, tokens: EngineTokens): void {
  app.post(
    ROUTES.engineTokens,
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Engine tokens'],
        summary: 'Mint an engine token',
        body: engineTokenBody,
        response: { 201: engineToken },
      },
    },
    async (request, reply) => reply.code(201).send(await tokens.mint(request.body)),
  )
}
