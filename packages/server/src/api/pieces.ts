import type { ServerResponse } from 'node:http'
import {
  type PieceRunEvent,
  pieceList,
  pieceOptions,
  pieceOptionsBody,
  pieceRun,
  ROUTES,
  runPieceBody,
} from '@activepieces/contract'
import { z } from 'zod'
import { projectOf, refuseRestricted } from '../auth/access.ts'
import type { Pieces } from '../domain/pieces/pieces.ts'
import type { App } from '../platform/http/app.ts'

export function pieceRoutes(app: App, pieces: Pieces): void {
  const config = { access: 'admin-or-engine' } as const
  const tags = ['Pieces']
  const params = z.strictObject({ piece: z.string(), action: z.string() })

  app.get(
    ROUTES.pieces,
    {
      config,
      schema: { tags, summary: 'List the pieces, their actions and properties', response: { 200: pieceList } },
    },
    async () => ({ data: await pieces.list() }),
  )

  app.post(
    ROUTES.runPiece,
    {
      config,
      schema: {
        tags,
        summary: 'Run an action of a piece',
        description:
          'A failed run is a result, not an error. The events of a stream are `request`, `update`, `log` and finally `result`.',
        params,
        body: runPieceBody,
        response: { 200: pieceRun },
      },
    },
    async (request, reply) => {
      const { input, projectId, stream = request.headers.accept?.includes('text/event-stream') } = request.body
      refuseRestricted(request.caller)
      const project = projectOf(request.caller, projectId)
      const signal = abortOnDisconnect(reply.raw)
      const job = { type: 'run', ...request.params, projectId: project, input } as const
      if (!stream) return pieces.run(job, { signal })
      const result = await pieces.run(job, { signal, onEvent: (event) => sendEvent(reply.raw, event) })
      reply.hijack()
      sendEvent(reply.raw, { type: 'result', data: result })
      reply.raw.end()
    },
  )

  app.post(
    ROUTES.pieceOptions,
    {
      config,
      schema: {
        tags,
        summary: 'Get the options of a dropdown, or the fields of a dynamic property',
        params,
        body: pieceOptionsBody,
        response: { 200: pieceOptions },
      },
    },
    async (request, reply) => {
      const { projectId, ...body } = request.body
      refuseRestricted(request.caller)
      const job = {
        type: 'options',
        ...request.params,
        ...body,
        projectId: projectOf(request.caller, projectId),
      } as const
      return pieces.options(job, { signal: abortOnDisconnect(reply.raw) })
    },
  )
}

/** Aborts when the caller disconnects before the response. */
function abortOnDisconnect(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => controller.abort())
  return controller.signal
}

/** Sends the head with the first event, so that an earlier error is a regular error response. */
function sendEvent(response: ServerResponse, event: PieceRunEvent): void {
  if (response.destroyed) return
  if (!response.headersSent) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  }
  response.write(`event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`)
}
