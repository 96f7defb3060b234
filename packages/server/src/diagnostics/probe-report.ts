import { DOCTOR_PROBES, type DoctorFinding, type DoctorProbe } from '@activepieces/contract'
import { AIError } from '@activepieces/pieces-common'
import { withObservedStatus } from '../domain/connections/check.ts'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import { endsConnection, type ProbeResult, resultOf, unknown } from './results.ts'

/** What is found during a visit, and whether it goes on. */
export type ProbeReport = {
  readonly note: (probe: DoctorProbe, shown: ProbeResult, model: string | null) => void
  /**
   * Notes what a call shows, or its failure. Nothing is called once the visit is over.
   *
   * @param probes those that the call shows something of, in the order of what `call` gives
   * @param limit in milliseconds; a call that does not heed its signal is left alone then
   */
  readonly ask: (
    probes: readonly DoctorProbe[],
    model: string | null,
    call: (signal: AbortSignal) => Promise<readonly ProbeResult[]>,
    limit: number,
  ) => Promise<void>
  readonly verdictOf: (probe: DoctorProbe) => DoctorFinding['verdict'] | undefined
  /** Why the visit is over, where it is. */
  readonly end: () => AIError | undefined
  /** All findings; what was not asked is unknown. */
  readonly read: () => Record<DoctorProbe, DoctorFinding>
}

// SAFETY: the keys of the table.
export const PROBES = Object.keys(DOCTOR_PROBES) as DoctorProbe[]

/**
 * @param visit ends the visit; its reason is an AIError
 * @param outcomes how the calls to the vendor ended so far
 */
export function createProbeReport(visit: AbortSignal, outcomes: readonly RelayOutcome[]): ProbeReport {
  const findings = new Map<DoctorProbe, DoctorFinding>()
  let end: AIError | undefined
  const now = () => new Date().toISOString()
  const note: ProbeReport['note'] = (probe, { verdict, reason }, model) =>
    void findings.set(probe, { verdict, reason, model, at: now() })

  return {
    note,
    async ask(probes, model, call, limit) {
      if (end) return
      try {
        const shown = await within(limit, visit, call)
        for (const [index, one] of shown.entries()) {
          const probe = probes[index]
          if (probe) note(probe, one, model)
        }
      } catch (thrown) {
        if (!(thrown instanceof AIError)) throw thrown
        const error = withObservedStatus(thrown, outcomes.at(-1))
        for (const probe of probes) note(probe, resultOf(error), model)
        if (visit.aborted || endsConnection(error, probes.includes('text'))) end = error
      }
    },
    verdictOf: (probe) => findings.get(probe)?.verdict,
    end: () => end,
    read() {
      const left = unknown(end ? `Not asked. ${resultOf(end).reason}` : 'Not asked: a plain question got no answer.')
      const whole = PROBES.map((probe) => [probe, findings.get(probe) ?? { ...left, model: null, at: now() }])
      // SAFETY: one entry for each probe.
      return Object.fromEntries(whole) as Record<DoctorProbe, DoctorFinding>
    },
  }
}

async function within<T>(ms: number, visit: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const timer = setTimeout(() => controller.abort(late(ms)), ms)
  const onVisitOver = () => controller.abort(visit.reason)
  visit.addEventListener('abort', onVisitOver)
  try {
    const over = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (visit.aborted) onVisitOver()
    return await Promise.race([over, call(signal)])
  } finally {
    clearTimeout(timer)
    visit.removeEventListener('abort', onVisitOver)
  }
}

function late(ms: number): AIError {
  return new AIError({ code: 'timeout', message: `No answer came within ${ms / 1000} seconds.` })
}
