import type { AiProviderMetadata } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import type { Check, ConformanceOptions } from './check.ts'
import { findWire, modelsOf } from './context.ts'
import { emulatorPlace, type Place, scriptedPlace } from './places.ts'
import { checksOf, isOwed, runCheck, unknownGaps, whereToFix } from './run.ts'

/**
 * Registers everything that a provider owes as tests of vitest: on a vendor of our own that misbehaves as told, and on an
 * emulator made by others. No key, no network.
 *
 * @param entry an item of `AiProviders`, or one that is not there
 * @param options the models to try, where the vendor differs from its wire, and what is known not to work yet
 * @example describeAiProvider(entry, { models: ['my-model'], supports: { pdfBase64: false } })
 */
export function describeAiProvider(entry: AiProviderMetadata, options: ConformanceOptions = {}): void {
  describe(entry.label, () => {
    it('knownGaps names checks that there are', () => {
      expect(unknownGaps(options)).toEqual([])
    })
    for (const model of modelsOf(entry, options)) {
      for (const place of [scriptedPlace, emulatorPlace].filter((known) => owedAt(known, entry).length > 0)) {
        describe(place.scripted ? model : `${model}, on the ${place.name}`, () =>
          describeChecks(entry, options, model, place),
        )
      }
    }
  })
}

function owedAt(place: Place, entry: AiProviderMetadata): readonly Check[] {
  return checksOf(place).filter((check) => isOwed(check, entry))
}

function describeChecks(entry: AiProviderMetadata, options: ConformanceOptions, model: string, place: Place): void {
  let found: ReturnType<typeof findWire> | undefined
  for (const check of owedAt(place, entry)) {
    it(check.name, async ({ skip }) => {
      found ??= findWire(entry, options, model)
      const { outcome, message } = await runCheck(check, { entry, options, model, found: await found }, place)
      if (outcome === 'not owed' || outcome === 'not run') skip(message)
      if (outcome === 'failed') throw plainError(`${check.name}: ${message}\n${whereToFix(entry, options)}`)
    })
  }
}

/** The message says it all: where in the suite it was noticed helps nobody. */
function plainError(message: string): Error {
  const error = new Error(message)
  error.stack = `Error: ${message}`
  return error
}
