import { defineConfig } from 'vitest/config'
import { COMPILE_CACHE, DATABASE_FLAGS } from './test/helpers/node-settings.ts'

Object.assign(process.env, COMPILE_CACHE)

/** Tests for one database alone, each with its reason. Everything else runs on both. */
const PGLITE_ONLY = [
  'test/pieces-sandbox.test.ts', // about processes: no database has a part in it
  'test/process.test.ts', // about the data folder
  'test/data-folder.test.ts', // about the embedded database's files
  'test/hostile-bytes.test.ts', // about bytes of vendors: no database has a part in it
  'test/sent-requests.test.ts', // about calls on their way: no database has a part in it
  'test/rotation.test.ts', // mostly about the key file, which several servers cannot share
]
const POSTGRES_ONLY = ['test/instances/**'] // several servers on one database
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
      globalSetup: `./test/helpers/setup-${database}.ts`,
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  }
}

export default defineConfig({ test: { projects: serverProjects('.'), maxWorkers: 3 } })
