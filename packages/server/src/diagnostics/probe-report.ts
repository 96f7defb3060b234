import { DOCTOR_PROBES, type DoctorFinding, type DoctorProbe } from '@activepieces/contract'
import { AIError } from '@activepieces/pieces-common'
import { withObservedStatus } from '../domain/connections/check.ts'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import { type ProbeResult, resultOf, stopsDiagnostics, unknown } from './results.ts'

/** Collects the findings of a run, and stops it when further probes cannot succeed. */
export type ProbeReport = {
  readonly record: (probe: DoctorProbe, result: ProbeResult, model: string | null) => void
  /**
   * Records the results of a call, or its failure. Skips the call once the run has stopped.
   *
   * @param probes the probes that the call answers, in the order of its results
   * @param timeoutMs a call that ignores its signal is abandoned
   */
  readonly run: (
    probes: readonly DoctorProbe[],
    model: string | null,
    call: (signal: AbortSignal) => Promise<readonly ProbeResult[]>,
    timeoutMs: number,
  ) => Promise<void>
  readonly verdictOf: (probe: DoctorProbe) => DoctorFinding['verdict'] | undefined
  /** The error that stopped the run; undefined while it goes on. */
  readonly stopReason: () => AIError | undefined
  /** All findings. Probes that did not run are unknown. */
  readonly findings: () => Record<DoctorProbe, DoctorFinding>
}

// SAFETY: the keys of the table.
export const PROBES = Object.keys(DOCTOR_PROBES) as DoctorProbe[]

/**
 * @param stop stops the run; its reason is an AIError
 * @param outcomes how the calls to the vendor ended so far
 */
export function createProbeReport(stop: AbortSignal, outcomes: readonly RelayOutcome[]): ProbeReport {
  const findings = new Map<DoctorProbe, DoctorFinding>()
  let stopReason: AIError | undefined
  const now = () => new Date().toISOString()
  const record: ProbeReport['record'] = (probe, { verdict, reason }, model) =>
    void findings.set(probe, { verdict, reason, model, at: now() })

  return {
    record,
    async run(probes, model, call, timeoutMs) {
      if (stopReason) return
      try {
        const results = await withTimeout(timeoutMs, stop, call)
        for (const [index, result] of results.entries()) {
          const probe = probes[index]
          if (probe) record(probe, result, model)
        }
      } catch (thrown) {
        if (!(thrown instanceof AIError)) throw thrown
        const error = withObservedStatus(thrown, outcomes.at(-1))
        for (const probe of probes) record(probe, resultOf(error), model)
        if (stop.aborted || stopsDiagnostics(error, probes.includes('text'))) stopReason = error
      }
    },
    verdictOf: (probe) => findings.get(probe)?.verdict,
    stopReason: () => stopReason,
    findings() {
      const reason = stopReason
        ? `Not tested. ${resultOf(stopReason).reason}`
        : 'Not tested: a simple chat got no answer.'
      const all = PROBES.map((probe) => [probe, findings.get(probe) ?? { ...unknown(reason), model: null, at: now() }])
      // SAFETY: one entry for each probe.
      return Object.fromEntries(all) as Record<DoctorProbe, DoctorFinding>
    },
  }
}

async function withTimeout<T>(ms: number, stop: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const timer = setTimeout(() => controller.abort(timeoutError(ms)), ms)
  const onStop = () => controller.abort(stop.reason)
  stop.addEventListener('abort', onStop)
  try {
    const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (stop.aborted) onStop()
    return await Promise.race([aborted, call(signal)])
  } finally {
    clearTimeout(timer)
    stop.removeEventListener('abort', onStop)
  }
}

function timeoutError(ms: number): AIError {
  return new AIError({ code: 'timeout', message: `No response within ${ms / 1000} seconds.` })
}
