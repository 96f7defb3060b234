import { defineProject } from 'vitest/config'
import { COMPILE_CACHE, DATABASE_FLAGS } from '../server/test/helpers/node-settings.ts'

Object.assign(process.env, COMPILE_CACHE)

export default defineProject({
  test: {
    name: 'web',
    include: ['test/**/*.test.ts'],
    expect: { requireAssertions: true },
    globalSetup: ['./test/helpers/build.ts', '../server/test/helpers/setup-pglite.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    execArgv: DATABASE_FLAGS,
  },
})
