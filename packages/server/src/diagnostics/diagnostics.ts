import type { ConnectionCheck, DoctorReport } from '@activepieces/contract'
import { AIError } from '@activepieces/pieces-common'
import { toCheck, works } from '../domain/connections/check.ts'
import type { TargetDraft } from '../domain/connections/connections.ts'
import { createTestRedactor, type TestConnection } from '../domain/connections/test-connection.ts'
import { runProbes } from './run-probes.ts'

/** Probes a connection with its own credential. Costs a few hundred tokens and, if it generates images, one image. */
export type RunDiagnostics = (
  draft: TargetDraft,
  options: { readonly model?: string | undefined; readonly signal: AbortSignal },
) => Promise<Diagnostics>

/** The check is undefined if the probes show nothing about the health of the connection. */
export type Diagnostics = { readonly report: DoctorReport; readonly check: ConnectionCheck | undefined }

/** A run may take as long as this many probes. */
const MAX_PROBES = 6
/** Additional time of a run before and after its probes, in milliseconds. */
const OVERHEAD_MS = 30_000
const MAX_REASON_LENGTH = 400

/** Upper bound for one run, in milliseconds. @param probeTimeoutMs timeout of one probe */
export const maxDiagnosticsMs = (probeTimeoutMs: number): number => probeTimeoutMs * MAX_PROBES + OVERHEAD_MS

/** @param probeTimeoutMs timeout of one probe, in milliseconds */
export function createDiagnostics(testConnection: TestConnection, probeTimeoutMs: number): RunDiagnostics {
  return async (draft, { model, signal }) => {
    const clean = createTestRedactor(draft)
    using deadline = createDeadline(probeTimeoutMs * MAX_PROBES, signal)
    const results = await testConnection(draft, { seconds: 3600 }, (target) =>
      runProbes({ target, provider: draft.provider, model, probeTimeoutMs, signal: deadline.signal }),
    )
    const findings = results.findings()
    for (const finding of Object.values(findings)) {
      finding.reason = truncate(clean(finding.reason))
      finding.model &&= clean(finding.model)
    }
    return { report: { at: new Date().toISOString(), findings }, check: checkOf(findings, results.stopReason(), clean) }
  }
}

/** The error that stopped the run, unless an earlier probe worked and a later call may work again. */
function checkOf(findings: DoctorReport['findings'], error: AIError | undefined, clean: (words: string) => string) {
  const worked = findings.text.verdict === 'yes' || findings.image.verdict === 'yes'
  const failed = error && toCheck(error)
  if (failed && failed.outcome !== 'works' && !(worked && failed.outcome === 'unreachable'))
    return { ...failed, message: clean(failed.message) }
  return worked ? works('Diagnostics succeeded.') : undefined
}

function createDeadline(ms: number, closing: AbortSignal): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  const words = `Diagnostics took longer than ${ms / 1000} seconds.`
  const timer = setTimeout(() => controller.abort(new AIError({ code: 'timeout', message: words })), ms)
  const onClose = () => controller.abort(new AIError({ code: 'aborted', message: 'The server was stopped.' }))
  closing.addEventListener('abort', onClose)
  if (closing.aborted) onClose()
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      closing.removeEventListener('abort', onClose)
    },
  }
}

function truncate(words: string): string {
  return words.length > MAX_REASON_LENGTH ? `${words.slice(0, MAX_REASON_LENGTH)} …` : words
}
