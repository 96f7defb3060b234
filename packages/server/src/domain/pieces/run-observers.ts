import type { SentRequest } from '@activepieces/contract'
import type { EngineClaims } from '../../auth/claims.ts'
import type { ProxyTarget } from '../connections/target.ts'

type Run = { readonly runId: string; readonly projectId: string }

/** Told of the calls of a run. */
export type RequestObserver = {
  /** A call is about to go to this target. */
  readonly onTarget: (target: ProxyTarget) => void
  /** A call is on its way to the provider. */
  readonly onRequest: (request: SentRequest) => void
}

/** Begins to tell of the calls of a run. Gives what ends it. */
export type ObserveRun = (run: Run, see: RequestObserver) => () => void

/** Who wants to know which calls a run makes. A run's piece calls the server that has started it, so memory will do. */
export function createRunObservers() {
  const watched = new Map<string, RequestObserver>()
  const watch: ObserveRun = (run, see) => {
    watched.set(keyOf(run), see)
    return () => void watched.delete(keyOf(run))
  }
  return {
    watch,
    /** Undefined for almost every call: nobody watches it. */
    observerFor({ runId, projectId }: Pick<EngineClaims, 'runId' | 'projectId'>): RequestObserver | undefined {
      return runId === undefined || watched.size === 0 ? undefined : watched.get(keyOf({ runId, projectId }))
    },
  }
}

/** The project too: a run id is whatever a token was minted with. */
function keyOf({ runId, projectId }: Run): string {
  return `${projectId}/${runId}`
}
