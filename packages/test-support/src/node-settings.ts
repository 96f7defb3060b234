import { resolve } from 'node:path'

/**
 * Flags of Node for processes that open the embedded database. Optimizing its WebAssembly takes three times the CPU of
 * opening it, and no test runs long enough to gain from that.
 */
export const DATABASE_FLAGS = ['--liftoff-only']

/**
 * Environment of every process of the tests. Without this cache, each server, worker thread and program compiles the same
 * TypeScript again, which takes more CPU than most tests.
 */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: resolve(import.meta.dirname, '../../../node_modules/.cache/node-compile'),
}
