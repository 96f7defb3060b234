import type { SentRequest } from '@activepieces/contract'
import type { EngineClaims } from '../../auth/claims.ts'
import type { ProxyTarget } from '../connections/target.ts'

type Run = { readonly runId: string; readonly projectId: string }

/** Observes the calls of a piece run. */
export type RequestObserver = {
  /** Called before a call goes to this target. */
  readonly onTarget: (target: ProxyTarget) => void
  /** Called with each request that is sent to the provider. */
  readonly onRequest: (request: SentRequest) => void
}

/** Starts to observe the calls of a run. @returns stops it */
export type ObserveRun = (run: Run, observer: RequestObserver) => () => void

/** Returns the observer of a call's run; undefined for most calls. */
export type ObserverFor = (claims: Pick<EngineClaims, 'runId' | 'projectId'>) => RequestObserver | undefined

/** Observers of piece runs, in memory: a piece calls the server that started it. */
export function createRunObservers(): { observe: ObserveRun; observerFor: ObserverFor } {
  const observers = new Map<string, RequestObserver>()
  return {
    observe(run, observer) {
      observers.set(keyOf(run), observer)
      return () => void observers.delete(keyOf(run))
    },
    observerFor: ({ runId, projectId }) =>
      runId === undefined || observers.size === 0 ? undefined : observers.get(keyOf({ runId, projectId })),
  }
}

/** Includes the project, because tokens can be minted with any run id. */
function keyOf({ runId, projectId }: Run): string {
  return `${projectId}/${runId}`
}
