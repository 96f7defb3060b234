import type { PieceRun, SentRequest } from '@activepieces/contract'
import { useCallback, useRef, useState } from 'react'
import { ApiFailure, events, type ServerEvent } from '../api/client.ts'
import { STRINGS } from '../strings.ts'
import type { Values } from './properties.ts'
import type { ActionName } from './use-options.ts'

/** How a run stands. What has come stays there when it fails. */
export type RunState = {
  readonly phase: 'idle' | 'running' | 'over'
  /** The newest partial output. */
  readonly update: unknown
  /** What has gone to vendors. */
  readonly requests: readonly SentRequest[]
  readonly result: PieceRun | undefined
  /** Why there is no result: the server refused, or the connection broke. */
  readonly problem: string | undefined
  /** Milliseconds until the first partial output came; undefined where none did. */
  readonly firstUpdateMs: number | undefined
}

const IDLE: RunState = {
  phase: 'idle',
  update: undefined,
  requests: [],
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
      const change = (next: (state: RunState) => RunState) => {
        if (current.current === controller) setState(next)
      }
      const began = performance.now()
      setState({ ...IDLE, phase: 'running' })
      try {
        const path = `/api/v1/pieces/${piece}/actions/${action}/run`
        for await (const event of events(path, { body: { input }, signal: controller.signal })) {
          const after = Math.round(performance.now() - began)
          change((state) => withEvent(state, event, after))
        }
        change((state) => ({ ...state, phase: 'over', problem: state.result ? undefined : STRINGS.step.broke }))
      } catch (error) {
        const problem = controller.signal.aborted ? STRINGS.step.stopped : wordsOf(error)
        change((state) => ({ ...state, phase: 'over', problem }))
      }
    },
    [piece, action],
  )
  return { state, start, stop }
}

/** @param after milliseconds since the run began */
function withEvent(state: RunState, { type, data }: ServerEvent, after: number): RunState {
  switch (type) {
    case 'update':
      return { ...state, update: data, firstUpdateMs: state.firstUpdateMs ?? after }
    case 'request':
      // SAFETY: an event of a run, by the contract; so is the next one.
      return { ...state, requests: [...state.requests, data as SentRequest] }
    case 'result':
      return { ...state, phase: 'over', result: data as PieceRun }
    default:
      return state
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof ApiFailure) return error.message
  return STRINGS.step.broke
}
