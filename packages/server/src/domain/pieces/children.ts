import { type Child, startChild } from './child.ts'
import type { Sandbox } from './sandbox.ts'

/** How long an idle process waits for a task, in milliseconds. */
const SPARE_TTL_MS = 10 * 60_000

export type Children = {
  /** A process for one task. */
  readonly next: () => Child
  readonly close: () => void
}

/** Keeps one process ready after the first run: starting one takes half a second, mostly to load code. */
export function createChildren(sandbox: Sandbox): Children {
  let spare: Child | undefined
  let expiry: NodeJS.Timeout | undefined
  let closed = false

  const dropSpare = () => {
    clearTimeout(expiry)
    spare?.kill()
    spare = undefined
  }
  return {
    next() {
      const child = spare?.isAlive() ? spare : startChild(sandbox)
      clearTimeout(expiry)
      spare = closed ? undefined : startChild(sandbox)
      expiry = setTimeout(dropSpare, SPARE_TTL_MS).unref()
      return child
    },
    close() {
      closed = true
      dropSpare()
    },
  }
}
