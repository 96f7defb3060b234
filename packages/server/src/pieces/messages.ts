import type { LogLine, PieceError } from '@activepieces/contract'

/** What a child process is started for. It gets this and nothing else of the server. */
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

/** What a child process tells; `done` and `failed` are its last words. */
export type PieceMessage =
  | { readonly type: 'log'; readonly data: LogLine }
  | { readonly type: 'update'; readonly data: unknown }
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: PieceError }
