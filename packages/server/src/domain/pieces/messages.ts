import { logLine, pieceError } from '@activepieces/contract'
import { z } from 'zod'

/** The only line that a runner gets on its standard input. */
export type PieceTask = {
  /** The module to import: a package name or a file URL. */
  readonly module: string
  readonly projectId: string
  /** The token is bound to this run. */
  readonly runId: string
  /** The ServerContext of the pieces framework. */
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

/** A line that a runner writes to `MESSAGES_FD`. The last one is `done` or `failed`. */
export const pieceMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('log'), data: logLine }),
  z.strictObject({ type: z.literal('update'), data: z.unknown() }),
  z.strictObject({ type: z.literal('done'), output: z.unknown() }),
  z.strictObject({ type: z.literal('failed'), error: pieceError }),
])

export type PieceMessage = z.infer<typeof pieceMessage>

/**
 * File descriptor for a runner's messages. Not Node's IPC channel, through which a hostile process can crash its parent, with
 * a line that is not JSON or with one of Node's internal messages.
 */
export const MESSAGES_FD = 3
