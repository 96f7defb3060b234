/**
 * Flags of Node for processes that open the embedded database. Optimizing its WebAssembly takes three times the CPU of
 * opening it, and no test runs long enough to gain from that.
 */
export const DATABASE_FLAGS = ['--liftoff-only']
