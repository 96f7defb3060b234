import { logLine, pieceError } from '@activepieces/contract'
import { z } from 'zod'

/** The one line that a runner gets on its standard input. It receives nothing else from the server. */
export type PieceTask = {
  /** The module to import: a package name or a file URL. */
  readonly module: string
  readonly projectId: string
  /** Its token is bound to it. */
  readonly runId: string
  /** As the pieces framework's ServerContext. */
  readonly server: { readonly apiUrl: string; readonly publicUrl: string; readonly token: string }
  readonly job: PieceJob
}

export type PieceJob =
  | { readonly type: 'describe' }
  | { readonly type: 'run'; readonly action: string; readonly input: Record<string, unknown> }
  | {
      readonly type: 'options'
      readonly action: string
      readonly property: string
      readonly input: Record<string, unknown>
      readonly searchValue?: string | undefined
    }

/** A line of a runner on its file descriptor `MESSAGES_FD`; `done` or `failed` is the last one. */
export const pieceMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('log'), data: logLine }),
  z.strictObject({ type: z.literal('update'), data: z.unknown() }),
  z.strictObject({ type: z.literal('done'), output: z.unknown() }),
  z.strictObject({ type: z.literal('failed'), error: pieceError }),
])

export type PieceMessage = z.infer<typeof pieceMessage>

/**
 * Where a runner writes its messages. Not Node's IPC channel: a hostile process ends its parent through that one, with a
 * line that is not JSON or with one of Node's internal messages.
 */
export const MESSAGES_FD = 3
