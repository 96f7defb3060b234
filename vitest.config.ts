import { defineConfig } from 'vitest/config'
import { serverProjects } from './packages/server/vitest.config.ts'
import { DATABASE_FLAGS } from './packages/test-support/src/node-settings.ts'
import { closingLine } from './tools/lint/src/closing-line.ts'

// nx sets it for its targets: programs that tests start would color their output.
delete process.env['FORCE_COLOR']

export default defineConfig({
  test: {
    projects: [
      ...serverProjects('packages/server'),
      'packages/web',
      project('packages/provider-conformance'),
      ...['common', 'audio-ai', 'image-ai', 'text-ai', 'utility-ai'].map((name) =>
        project(`packages/pieces/community/${name}`),
      ),
      ...['tools/ai-provider', 'tools/build', 'tools/ci', 'tools/docs', 'tools/lint', 'tools/reference'].map((root) =>
        project(root),
      ),
      project('tools/local', `${import.meta.dirname}/packages/test-support/src/setup-pglite.ts`),
    ],
    reporters: ['default', closingLine()],
    // One more than CI has processors: many tests wait for other processes.
    maxWorkers: 3,
  },
})

/**
 * A package without settings of its own: all its tests, with time for processes and databases to start.
 *
 * @param globalSetup what is there before them
 */
function project(root: string, ...globalSetup: string[]) {
  return {
    root,
    test: {
      name: root.split('/').at(-1) ?? root,
      include: ['{src,test}/**/*.test.ts'],
      // Loading the library costs each file more than its tests.
      isolate: false,
      expect: { requireAssertions: true },
      globalSetup,
      ...(globalSetup.length > 0 && { execArgv: DATABASE_FLAGS }),
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  }
}
