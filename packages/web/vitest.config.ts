import { defineProject } from 'vitest/config'
import { COMPILE_CACHE, DATABASE_FLAGS } from '../test-support/src/node-settings.ts'

Object.assign(process.env, COMPILE_CACHE)

export default defineProject({
  test: {
    name: 'web',
    include: ['test/**/*.test.ts'],
    // Same as in the other projects. Vitest runs a project that differs after them, one file at a time.
    isolate: false,
    maxWorkers: 3,
    expect: { requireAssertions: true },
    globalSetup: ['../test-support/src/setup-console.ts', '../test-support/src/setup-pglite.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    execArgv: DATABASE_FLAGS,
  },
})
