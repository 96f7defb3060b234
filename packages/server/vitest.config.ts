import { defineConfig } from 'vitest/config'
import { COMPILE_CACHE, DATABASE_FLAGS } from '../test-support/src/node-settings.ts'

Object.assign(process.env, COMPILE_CACHE)

/** Tests that need no particular database run on the embedded one only. The last three are about its files. */
const PGLITE_ONLY = [
  ...['browser-headers', 'caller-headers', 'doctor', 'error-table', 'estimate', 'hostile-bytes', 'hostile-usage'],
  ...['limits', 'media', 'meter', 'p05-addresses', 'pieces', 'pieces-sandbox', 'proxy-bytes', 'proxy-errors'],
  ...['proxy-headers', 'proxy-paths', 'quoted-keys', 'redactor', 'sdks', 'sent-requests', 'shutdown', 'telemetry'],
  ...['traces', 'data-folder', 'process', 'rotation'],
].map((name) => `test/${name}.test.ts`)
/** Several servers on one database. */
const POSTGRES_ONLY = ['test/instances/**']
/** Tests that hold the server to a promise in seconds. They run last, when nothing else needs the processors. */
const TIMED = ['test/usage-kill.test.ts']

/** The suite on both databases. @param root of this package, as the configuration that includes it sees it */
export function serverProjects(root: string) {
  const include = 'test/**/*.test.ts'
  return [
    project(root, 'pglite', 'pglite', { include: [include], exclude: [...POSTGRES_ONLY, ...TIMED] }),
    project(root, 'postgres', 'postgres', { include: [include], exclude: [...PGLITE_ONLY, ...TIMED] }),
    project(root, 'pglite', 'pglite, timed', { include: TIMED, sequence: { groupOrder: 1 } }),
    project(root, 'postgres', 'postgres, timed', { include: TIMED, sequence: { groupOrder: 2 } }),
  ]
}

type Files = { include: string[]; exclude?: string[]; sequence?: { groupOrder: number } }

function project(root: string, database: string, name: string, files: Files) {
  return {
    root,
    test: {
      name: `server (${name})`,
      ...files,
      // Starting a worker and loading the server costs each file more than its tests.
      isolate: false,
      expect: { requireAssertions: true },
      execArgv: DATABASE_FLAGS,
      globalSetup: `../test-support/src/setup-${database}.ts`,
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  }
}

export default defineConfig({ test: { projects: serverProjects('.'), maxWorkers: 3 } })
