import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { median, type Setting } from './measure.ts'
import { type Side, start } from './side.ts'
import type { Calls, Streams } from './sides/loader.ts'
import type { MemoryUse, ProxyEndpoint } from './sides/proxy.ts'

/** One round of one proxy. CPU time in microseconds, only of the proxy's process. */
export type CallRound = Calls & { cpu: number }
export type StreamRound = Streams & { cpu: number }

type Proxy = { name: string; side: Side; endpoint: ProxyEndpoint }

/** Runs a vendor, a load generator and the given proxies, each in its own process, while the work runs. */
async function withProxies<Result>(
  names: readonly string[],
  work: (proxies: readonly Proxy[], loader: Side, vendor: string) => Promise<Result>,
): Promise<Result> {
  const sides: Side[] = []
  const begin = async (file: string, ...args: string[]) => {
    const side = await start(file, ...args)
    sides.push(side)
    return side
  }
  try {
    const vendor = await (await begin('vendor')).ask<string>('url')
    const loader = await begin('loader')
    const proxies: Proxy[] = []
    for (const name of names) {
      const side = await begin('proxy', name, vendor)
      proxies.push({ name, side, endpoint: await side.ask<ProxyEndpoint>('endpoint') })
    }
    return await work(proxies, loader, vendor)
  } finally {
    await Promise.all(sides.map((side) => side.stop()))
  }
}

async function withCpu<Result>({ side }: Proxy, work: () => Promise<Result>): Promise<Result & { cpu: number }> {
  const before = await side.ask<number>('cpu')
  const result = await work()
  return { ...result, cpu: (await side.ask<number>('cpu')) - before }
}

/** Sends short calls through each proxy alternately, after one warm-up round. @returns the rounds by proxy */
export function compareCalls(names: readonly string[], count: number, { quick }: Setting) {
  return withProxies(names, async (proxies, loader) => {
    const rounds = new Map<string, CallRound[]>(names.map((name) => [name, []]))
    for (let round = -1; round < (quick ? 3 : 11); round++) {
      for (const proxy of proxies) {
        const params = { endpoint: proxy.endpoint, count, seconds: round < 0 ? 2 : 1 }
        const measured = await withCpu(proxy, () => loader.ask<Calls>('calls', params))
        if (round >= 0) rounds.get(proxy.name)?.push({ ...measured, cpu: measured.cpu / measured.calls })
      }
    }
    return rounds
  })
}

/** Runs `count` parallel streams through each proxy alternately. The rounds of `vendor` are without a proxy. */
export function compareStreams(names: readonly string[], count: number, { quick }: Setting) {
  return withProxies(names, async (proxies, loader, vendor) => {
    const direct: ProxyEndpoint = { url: `${vendor}/v1/`, headers: {} }
    const rounds = new Map<string, StreamRound[]>(['vendor', ...names].map((name) => [name, []]))
    for (let round = -1; round < (quick ? 2 : 5); round++) {
      const plain = await loader.ask<Streams>('streams', { endpoint: direct, count })
      if (round >= 0) rounds.get('vendor')?.push({ ...plain, cpu: 0 })
      for (const proxy of proxies) {
        const measured = await withCpu(proxy, () => loader.ask<Streams>('streams', { endpoint: proxy.endpoint, count }))
        if (round >= 0) rounds.get(proxy.name)?.push(measured)
      }
    }
    return rounds
  })
}

/** Median of the ratios of each round. Disturbances of the machine affect both sides of a round. */
export function ratioOf<Round>(
  rounds: ReadonlyMap<string, readonly Round[]>,
  theirs: string,
  figure: (round: Round) => number,
): number {
  const others = rounds.get(theirs) ?? []
  return median((rounds.get('ours') ?? []).map((round, index) => figure(round) / figure(others[index] ?? round)))
}

/** Repeats 1,000 parallel streams. @returns lost and late streams, and memory at the end as a ratio of the start */
export function soak({ soakMinutes }: Setting): Promise<{ lost: number; late: number; memory: number }> {
  return withProxies(['ours'], async ([proxy], loader) => {
    if (!proxy) throw new Error('Nothing to measure.')
    const round = () => loader.ask<Streams>('streams', { endpoint: proxy.endpoint, count: 1_000 })
    await round() // warm-up: one-time allocations are not leaks
    await round()
    const before = await proxy.side.ask<MemoryUse>('collect')
    const until = performance.now() + soakMinutes * 60_000
    let [lost, late] = [0, 0]
    do {
      const streams = await round()
      lost += streams.lost
      late += streams.late
    } while (performance.now() < until)
    const after = await proxy.side.ask<MemoryUse>('collect')
    return { lost, late, memory: after.heap / before.heap }
  })
}

/** Sends 20 MB to a slow reader. @returns how many MB the process grows meanwhile, and how many remain afterwards */
export function slowReader({ quick }: Setting): Promise<{ growth: number; left: number }> {
  return withProxies(['ours'], async ([proxy], loader) => {
    if (!proxy) throw new Error('Nothing to measure.')
    await loader.ask('calls', { endpoint: proxy.endpoint, count: 8, seconds: 1 })
    const before = await proxy.side.ask<MemoryUse>('collect')
    let most = before.rss
    let done = false
    const read = loader.ask('slowly', { endpoint: proxy.endpoint, count: quick ? 3_000 : 10_000 }).finally(() => {
      done = true
    })
    while (!done) {
      most = Math.max(most, (await proxy.side.ask<MemoryUse>('memory')).rss)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await read
    const after = await proxy.side.ask<MemoryUse>('collect')
    return { growth: (most - before.rss) / 1_000_000, left: (after.rss - before.rss) / 1_000_000 }
  })
}

/** Seconds from `npm start` to the first response, on an existing data folder. */
export async function startTime({ quick }: Setting): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-start-'))
  const taken: number[] = []
  for (let round = -1; round < (quick ? 1 : 5); round++) {
    const took = await startOnce(folder)
    if (round >= 0) taken.push(took)
  }
  await rm(folder, { recursive: true, force: true })
  return median(taken)
}

/** Starts on a free port that the server prints. On a fixed port, another process could answer. */
async function startOnce(folder: string): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../local/src/start.ts')], {
    env: { ...process.env, AP_DATA_DIR: folder, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const gone = once(child, 'exit')
  let output = ''
  let url: string | undefined
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  // The server handles SIGTERM from the time it prints its URL.
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= /console is at (\S+),/.exec(line)?.[1]
    if (url !== undefined) break
  }
  if (url === undefined) throw new Error(`npm start ended (${(await gone)[0]}): ${output.trim()}`)
  child.stdout.resume()
  const response = await fetch(`${url}/health`)
  const took = (performance.now() - began) / 1000
  child.kill('SIGTERM')
  await gone
  if (!response.ok) throw new Error(`npm start responds with status ${response.status}.`)
  return took
}
