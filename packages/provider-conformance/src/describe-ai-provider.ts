import type { AiProviderMetadata } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import type { Check, ConformanceOptions } from './check.ts'
import { findWire, modelsOf, type Subject } from './context.ts'
import { applicableChecks, runCheck, unknownGaps, whereToFix } from './run.ts'
import { emulatorPlace, type Place, scriptedPlace } from './targets/targets.ts'

/**
 * Registers everything that a provider owes as tests of vitest: on a vendor of our own that misbehaves as told, and on an
 * emulator made by others. No key, no network.
 *
 * @param entry an item of `AiProviders`, or one that is not there
 * @param options the models to try, where the vendor differs from its wire, and what is known not to work yet
 * @example describeAiProvider(entry, { models: ['my-model'], supports: { pdfBase64: false } })
 */
export function describeAiProvider(entry: AiProviderMetadata, options: ConformanceOptions = {}): void {
  describe(entry.label, async () => {
    it('knownGaps names checks that exist', () => {
      expect(unknownGaps(options)).toEqual([])
    })
    for (const model of modelsOf(entry, options)) {
      const subject = { entry, options, model, found: await findWire(entry, options, model) }
      for (const place of [scriptedPlace, emulatorPlace]) {
        const checks = await applicableChecks(subject, place)
        if (checks.length === 0) continue
        describe(place.scripted ? model : `${model}, on the ${place.name}`, () =>
          describeChecks(checks, subject, place),
        )
      }
    }
  })
}

function describeChecks(checks: readonly Check[], subject: Subject, place: Place): void {
  for (const check of checks) {
    it(check.name, async () => {
      const { outcome, message } = await runCheck(check, subject, place)
      if (outcome === 'failed')
        throw plainError(`${check.name}: ${message}\n${whereToFix(subject.entry, subject.options)}`)
      expect(['passed', 'known gap']).toContain(outcome)
    })
  }
}

/** The message says it all: where in the suite it was noticed helps nobody. */
function plainError(message: string): Error {
  const error = new Error(message)
  error.stack = `Error: ${message}`
  return error
}
