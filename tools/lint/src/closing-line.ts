import type { Reporter, TestModule } from 'vitest/node'

/** Ends the run with the line that CI reads: `12 passed, 0 failed`. A file that cannot be loaded counts as failed. */
export function closingLine(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
      for (const module of modules) countModule(module, count)
      const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
      process.once('beforeExit', () =>
        process.stdout.write(`${count.passed} passed, ${count.failed} failed${skipped}\n`),
      )
    },
  }
}

function countModule(module: TestModule, count: Record<'passed' | 'failed' | 'skipped', number>) {
  let failed = 0
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    if (state === 'pending') continue
    count[state]++
    if (state === 'failed') failed++
  }
  if (module.state() === 'failed' && failed === 0) count.failed++
}
