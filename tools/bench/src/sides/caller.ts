// Runs one library in its own process: `node caller.ts ours-openai http://…/api/`.
import { serve } from '../side.ts'
import { CALLERS, type Caller } from './callers.ts'

/** CPU and wall time of one call, in microseconds. */
export type Round = { cpu: number; wall: number; firstDelta: number }
export type Memory = { before: number; after: number }

const [name = '', url = ''] = process.argv.slice(2)
const caller = await CALLERS[name]?.(url)
if (!caller) throw new Error(`There is no caller "${name}".`)

serve(async ({ task, count }) => {
  if (task === 'text') return await measure(Number(count), () => caller.text())
  if (task === 'stream') return await measure(Number(count), (first) => streamOf(caller, 2000, first))
  if (task === 'first-delta') return await measure(Number(count), (first) => streamOf(caller, 20, first))
  return await memoryOf(caller, Number(count))
})

async function streamOf(caller: Caller, chunks: number, first: () => void = () => undefined): Promise<void> {
  const text = await caller.stream(chunks, first)
  if (text.length !== chunks * 'word '.length) throw new Error(`${name}: received ${text.length} characters.`)
}

async function measure(count: number, call: (first: () => void) => Promise<unknown>): Promise<Round> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const firsts: number[] = []
  for (let done = 0; done < count; done++) {
    const began = performance.now()
    await call(() => firsts.push(performance.now() - began))
  }
  const { user, system } = process.cpuUsage(cpu)
  const sorted = firsts.sort((a, b) => a - b)
  return {
    cpu: (user + system) / count,
    wall: ((performance.now() - start) * 1000) / count,
    firstDelta: (sorted[sorted.length >> 1] ?? 0) * 1000,
  }
}

/** Measures the bytes in use before and after `count` calls and a tenth as many streams, at most 1,000 in parallel. */
async function memoryOf(caller: Caller, count: number): Promise<Memory> {
  const work = async (calls: number) => {
    for (let done = 0; done < calls; done += 100) await Promise.all(Array.from({ length: 100 }, () => caller.text()))
    await Promise.all(Array.from({ length: calls / 10 }, () => streamOf(caller, 100)))
  }
  await work(count / 5) // warm-up: compiled code and pools are not leaks
  const before = await bytesInUse()
  await work(count)
  return { before, after: await bytesInUse() }
}

async function bytesInUse(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
