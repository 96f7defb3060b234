import type { Reporter, TestModule } from 'vitest/node'

/**
 * Prints the line that CI reads, `12 passed, 0 failed, 0 skipped`, as the last line of every run. A file that cannot be
 * loaded counts as failed, and so does a run that fails without a failed test.
 */
export function closingLine(): Reporter {
  const count = { passed: 0, failed: 0, skipped: 0 }
  return {
    onInit() {
      process.once('exit', (code) => {
        const failed = Math.max(count.failed, code === 0 ? 0 : 1)
        process.stdout.write(`${count.passed} passed, ${failed} failed, ${count.skipped} skipped\n`)
      })
    },
    onTestRunEnd(modules, unhandledErrors) {
      Object.assign(count, { passed: 0, failed: unhandledErrors.length, skipped: 0 })
      for (const module of modules) countModule(module, count)
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
