import { setFlagsFromString } from 'node:v8'

/**
 * Disables V8's allocation-site pretenuring. It randomly allocates objects of a call in the old generation, where dead ones
 * keep everything that they reference alive until the next major garbage collection. That costs a busy proxy up to a fifth of
 * its throughput. Call it before `createServer`.
 */
export function disableAllocationPretenuring(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
