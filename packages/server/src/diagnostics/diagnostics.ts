import type { ConnectionCheck, DoctorReport } from '@activepieces/contract'
import { AIError } from '@activepieces/pieces-common'
import { toCheck, works } from '../domain/connections/check.ts'
import type { TargetDraft } from '../domain/connections/connections.ts'
import { createTestRedactor, type TestConnection } from '../domain/connections/test-connection.ts'
import { runProbes } from './run-probes.ts'

/** Probes a connection with its own credential; costs a few hundred tokens and, where it makes images, one image. */
export type RunDiagnostics = (
  draft: TargetDraft,
  options: { readonly model?: string | undefined; readonly signal: AbortSignal },
) => Promise<Diagnostics>

/** @param check how the connection is; undefined where the visit does not tell */
export type Diagnostics = { readonly report: DoctorReport; readonly check: ConnectionCheck | undefined }

/** A whole visit lasts as long as this many probes at most. */
const MAX_PROBES = 6
/** What a visit may take besides, in milliseconds: before and after its probes. */
const OVERHEAD_MS = 30_000
/** Of a reason, in characters. */
const LONGEST = 400

/** After so many milliseconds a visit is over, whatever came of it. @param timeLimit for one probe, in milliseconds */
export const maxDiagnosticsMs = (timeLimit: number): number => timeLimit * MAX_PROBES + OVERHEAD_MS

/** @param timeLimit for one probe, in milliseconds */
export function doctor(trial: TestConnection, timeLimit: number): RunDiagnostics {
  return async (draft, { model, signal }) => {
    const clean = createTestRedactor(draft)
    using limit = deadline(timeLimit * MAX_PROBES, signal)
    const notebook = await trial(draft, { seconds: 3600 }, (at) =>
      runProbes({ at, provider: draft.provider, model, timeLimit, signal: limit.signal }),
    )
    const findings = notebook.read()
    for (const finding of Object.values(findings)) {
      finding.reason = shortened(clean(finding.reason))
      finding.model &&= clean(finding.model)
    }
    return { report: { at: new Date().toISOString(), findings }, check: checkOf(findings, notebook.end(), clean) }
  }
}

/** How the connection is: what ended the visit, unless it had worked before and may work again. */
function checkOf(findings: DoctorReport['findings'], end: AIError | undefined, clean: (words: string) => string) {
  const worked = findings.text.verdict === 'yes' || findings.image.verdict === 'yes'
  const failed = end && toCheck(end)
  if (failed && failed.outcome !== 'works' && !(worked && failed.outcome === 'unreachable'))
    return { ...failed, message: clean(failed.message) }
  return worked ? works('The doctor was here.') : undefined
}

function deadline(ms: number, closing: AbortSignal): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  const words = `The visit took longer than ${ms / 1000} seconds.`
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

function shortened(words: string): string {
  return words.length > LONGEST ? `${words.slice(0, LONGEST)} …` : words
}
