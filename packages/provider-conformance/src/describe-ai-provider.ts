import type { AiProviderMetadata } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import type { Check, ConformanceOptions } from './check.ts'
import { detectProtocol, modelsOf, type Subject } from './context.ts'
import { applicableChecks, runCheck, unknownGaps, whereToFix } from './run.ts'
import { emulatorTarget, fakeVendorTarget, type Target } from './targets/targets.ts'

/**
 * Registers the checks of a provider as Vitest tests. They run against a scripted fake vendor and a third-party
 * emulator, without a key or network access.
 *
 * @param entry an item of `AiProviders`, or any other entry
 * @param options models to check, capabilities that differ from the protocol's, and known gaps
 * @example describeAiProvider(entry, { models: ['my-model'], supports: { pdfBase64: false } })
 */
export function describeAiProvider(entry: AiProviderMetadata, options: ConformanceOptions = {}): void {
  describe(entry.label, async () => {
    it('knownGaps names only existing checks', () => {
      expect(unknownGaps(options)).toEqual([])
    })
    for (const model of modelsOf(entry, options)) {
      const subject = { entry, options, model, detected: await detectProtocol(entry, options, model) }
      for (const target of [fakeVendorTarget, emulatorTarget]) {
        const checks = await applicableChecks(subject, target)
        if (checks.length === 0) continue
        describe(target.scripted ? model : `${model}, on the ${target.name}`, () =>
          describeChecks(checks, subject, target),
        )
      }
    }
  })
}

function describeChecks(checks: readonly Check[], subject: Subject, target: Target): void {
  for (const check of checks) {
    it(check.name, async () => {
      const { outcome, message } = await runCheck(check, subject, target)
      if (outcome === 'failed')
        throw plainError(`${check.name}: ${message}\n${whereToFix(subject.entry, subject.options)}`)
      expect(['passed', 'known gap']).toContain(outcome)
    })
  }
}

/** Creates an error without the suite's own stack trace, which would not help. */
function plainError(message: string): Error {
  const error = new Error(message)
  error.stack = `Error: ${message}`
  return error
}
