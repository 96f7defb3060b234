import type { PieceRun } from '@activepieces/contract'
import { useCallback, useRef, useState } from 'react'
import { ApiFailure, events } from '../api/client.ts'
import { STRINGS } from '../strings.ts'
import type { Values } from './properties.ts'
import type { ActionName } from './use-options.ts'

/** How a run stands. What has come stays there when it fails. */
export type RunState = {
  readonly phase: 'idle' | 'running' | 'over'
  /** The newest partial output. */
  readonly update: unknown
  readonly result: PieceRun | undefined
  /** Why there is no result: the server refused, or the connection broke. */
  readonly problem: string | undefined
  /** Milliseconds until the first partial output came; undefined where none did. */
  readonly firstUpdateMs: number | undefined
}

const IDLE: RunState = {
  phase: 'idle',
  update: undefined,
  result: undefined,
  problem: undefined,
  firstUpdateMs: undefined,
}

/** Runs an action and follows its events; a new run, or `stop`, ends the one before. */
export function useRun({ piece, action }: ActionName) {
  const [state, setState] = useState(IDLE)
  const current = useRef<AbortController>(undefined)

  const stop = useCallback(() => current.current?.abort(), [])
  const start = useCallback(
    async (input: Values) => {
      current.current?.abort()
      const controller = new AbortController()
      current.current = controller
      const change = (next: Partial<RunState>) => {
        if (current.current === controller) setState((state) => ({ ...state, ...next }))
      }
      const began = performance.now()
      setState({ ...IDLE, phase: 'running' })
      try {
        const path = `/api/v1/pieces/${piece}/actions/${action}/run`
        for await (const { type, data } of events(path, { body: { input }, signal: controller.signal })) {
          // SAFETY: the events of a run, by the contract.
          if (type === 'result') change({ phase: 'over', result: data as PieceRun })
          if (type === 'update') {
            const firstUpdateMs = Math.round(performance.now() - began)
            if (current.current === controller) {
              setState((state) => ({ ...state, update: data, firstUpdateMs: state.firstUpdateMs ?? firstUpdateMs }))
            }
          }
        }
        change({ phase: 'over' })
      } catch (error) {
        change({ phase: 'over', problem: controller.signal.aborted ? STRINGS.step.stopped : wordsOf(error) })
      }
    },
    [piece, action],
  )
  return { state, start, stop }
}

function wordsOf(error: unknown): string {
  if (error instanceof ApiFailure) return error.message
  return STRINGS.step.broke
}
