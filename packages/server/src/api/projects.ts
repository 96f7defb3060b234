import {
  createProjectBody,
  project,
  projectList,
  ROUTES,
  revokedTokens,
  updateProjectBody,
} from '@activepieces/contract'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { Projects } from '../domain/projects/projects.ts'
import type { App } from '../platform/http/app.ts'

export function projectRoutes(app: App, projects: Projects): void {
  const config = { access: 'admin' } as const
  const tags = ['Projects']
  const params = z.strictObject({ id: z.string() })

  app.get(
    ROUTES.projects,
    { config, schema: { tags, summary: 'List the projects', response: { 200: projectList } } },
    async () => ({ data: await projects.list() }),
  )

  app.post(
    ROUTES.projects,
    { config, schema: { tags, summary: 'Create a project', body: createProjectBody, response: { 201: project } } },
    async (request, reply) => reply.code(201).send(await projects.create(request.body, actorOf(request))),
  )

  app.patch(
    ROUTES.project,
    {
      config,
      schema: { tags, summary: 'Change a project', params, body: updateProjectBody, response: { 200: project } },
    },
    async (request) => projects.update(request.params.id, request.body, actorOf(request)),
  )

  app.delete(
    ROUTES.project,
    {
      config,
      schema: {
        tags,
        summary: 'Delete a project',
        description: 'Also deletes its tokens, which stop working immediately, and the store entries of its pieces.',
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await projects.remove(request.params.id, actorOf(request))
      return reply.code(204).send(null)
    },
  )

  app.post(
    ROUTES.revokeTokens,
    {
      config,
      schema: {
        tags,
        summary: 'Revoke all tokens of a project',
        description: 'Revokes engine tokens and deletes long-lived tokens. Calls in progress will finish.',
        params,
        response: { 200: revokedTokens },
      },
    },
    async (request) => projects.revokeTokens(request.params.id, actorOf(request)),
  )
}
