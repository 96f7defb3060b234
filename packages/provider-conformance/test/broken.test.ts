import { describe, expect, it } from 'vitest'
import { CHECKS } from '../src/checks/index.ts'
import { detectProtocol, modelsOf } from '../src/context.ts'
import { runChecks } from '../src/run.ts'
import { fakeVendorTarget } from '../src/targets/targets.ts'
import type { BrokenProvider } from './broken/broken.ts'
import { BROKEN_MEDIA } from './broken/media.ts'
import { BROKEN_ENTRIES, BROKEN_REPLIES, BROKEN_STREAMS } from './broken/replies.ts'
import { BROKEN_REQUESTS } from './broken/requests.ts'

const BROKEN = [...BROKEN_REQUESTS, ...BROKEN_REPLIES, ...BROKEN_STREAMS, ...BROKEN_ENTRIES, ...BROKEN_MEDIA]

describe('a provider that', () => {
  it.each(BROKEN)('$fault fails check $caughtBy', async (broken) => {
    const failed = await failuresOf(broken)
    expect(failed.length, 'no check with this name failed').toBeGreaterThan(0)
    for (const message of failed) expect(message).not.toMatch(/^threw /) // found by the check itself, not by an unrelated exception
  })
})

/** Returns the messages of the failed checks with this id or name. */
async function failuresOf({ entry, caughtBy, options = {} }: BrokenProvider): Promise<string[]> {
  const [model = ''] = modelsOf(entry, options)
  const detected = await detectProtocol(entry, options, model)
  const named = CHECKS.filter(({ name }) => name === caughtBy || name.startsWith(`${caughtBy} `))
  const results = await runChecks(named, { entry, options, model, detected }, fakeVendorTarget)
  return results.flatMap(({ outcome, message }) => (outcome === 'failed' ? [message ?? ''] : []))
}
