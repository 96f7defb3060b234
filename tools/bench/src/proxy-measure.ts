import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { median, type Setting } from './measure.ts'
import { type Side, start } from './side.ts'
import type { Calls, Streams } from './sides/loader.ts'
import type { Door, Used } from './sides/proxy.ts'

/** One round of one proxy; CPU in microseconds, of the proxy's process alone. */
export type CallRound = Calls & { cpu: number }
export type StreamRound = Streams & { cpu: number }

type Proxy = { name: string; side: Side; door: Door }

/** One vendor, one loader, and these proxies, each in a process of its own, for the time of the work. */
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
      proxies.push({ name, side, door: await side.ask<Door>('door') })
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

/** Short calls through each proxy in turns, after a turn that does not count. A list of rounds for each name. */
export function compareCalls(names: readonly string[], count: number, { quick }: Setting) {
  return withProxies(names, async (proxies, loader) => {
    const rounds = new Map<string, CallRound[]>(names.map((name) => [name, []]))
    for (let round = -1; round < (quick ? 3 : 11); round++) {
      for (const proxy of proxies) {
        const params = { door: proxy.door, count, seconds: round < 0 ? 2 : 1 }
        const measured = await withCpu(proxy, () => loader.ask<Calls>('calls', params))
        if (round >= 0) rounds.get(proxy.name)?.push({ ...measured, cpu: measured.cpu / measured.calls })
      }
    }
    return rounds
  })
}

/** So many streams at once through each proxy in turns; under `vendor` the same without a proxy between. */
export function compareStreams(names: readonly string[], count: number, { quick }: Setting) {
  return withProxies(names, async (proxies, loader, vendor) => {
    const direct: Door = { url: `${vendor}/v1/`, headers: {} }
    const rounds = new Map<string, StreamRound[]>(['vendor', ...names].map((name) => [name, []]))
    for (let round = -1; round < (quick ? 2 : 5); round++) {
      const plain = await loader.ask<Streams>('streams', { door: direct, count })
      if (round >= 0) rounds.get('vendor')?.push({ ...plain, cpu: 0 })
      for (const proxy of proxies) {
        const measured = await withCpu(proxy, () => loader.ask<Streams>('streams', { door: proxy.door, count }))
        if (round >= 0) rounds.get(proxy.name)?.push(measured)
      }
    }
    return rounds
  })
}

/** The median of the ratios of each round: what disturbs the machine disturbs both sides of a round. */
export function ratioOf<Round>(
  rounds: ReadonlyMap<string, readonly Round[]>,
  theirs: string,
  figure: (round: Round) => number,
): number {
  const others = rounds.get(theirs) ?? []
  return median((rounds.get('ours') ?? []).map((round, at) => figure(round) / figure(others[at] ?? round)))
}

/** 1,000 streams at once, again and again. How many were lost or late, and memory at the end as a ratio of the start. */
export function soak({ soakMinutes }: Setting): Promise<{ lost: number; late: number; memory: number }> {
  return withProxies(['ours'], async ([proxy], loader) => {
    if (!proxy) throw new Error('Nothing to measure.')
    const round = () => loader.ask<Streams>('streams', { door: proxy.door, count: 1_000 })
    await round() // what is made once is no leak
    await round()
    const before = await proxy.side.ask<Used>('collect')
    const until = performance.now() + soakMinutes * 60_000
    let [lost, late] = [0, 0]
    do {
      const streams = await round()
      lost += streams.lost
      late += streams.late
    } while (performance.now() < until)
    const after = await proxy.side.ask<Used>('collect')
    return { lost, late, memory: after.heap / before.heap }
  })
}

/** By how many MB the process grows while 20 MB go to a slow reader, and by how many it has grown afterwards. */
export function slowReader({ quick }: Setting): Promise<{ growth: number; left: number }> {
  return withProxies(['ours'], async ([proxy], loader) => {
    if (!proxy) throw new Error('Nothing to measure.')
    await loader.ask('calls', { door: proxy.door, count: 8, seconds: 1 })
    const before = await proxy.side.ask<Used>('collect')
    let most = before.rss
    let done = false
    const read = loader.ask('slowly', { door: proxy.door, count: quick ? 3_000 : 10_000 }).finally(() => {
      done = true
    })
    while (!done) {
      most = Math.max(most, (await proxy.side.ask<Used>('memory')).rss)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await read
    const after = await proxy.side.ask<Used>('collect')
    return { growth: (most - before.rss) / 1_000_000, left: (after.rss - before.rss) / 1_000_000 }
  })
}

/** Seconds from `npm start` to the first answer, on a data folder that exists. */
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

/** On a port that the system picks, which the server tells: one that somebody else has ends it, or answers for it. */
async function startOnce(folder: string): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../local/src/start.ts')], {
    env: { ...process.env, AP_DATA_DIR: folder, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const gone = once(child, 'exit')
  let said = ''
  let url: string | undefined
  child.stderr.on('data', (words) => {
    said += words
  })
  // Once it says where it is it listens to SIGTERM too.
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= /console is at (\S+),/.exec(line)?.[1]
    if (url !== undefined) break
  }
  if (url === undefined) throw new Error(`npm start ended (${(await gone)[0]}): ${said.trim()}`)
  child.stdout.resume()
  const reply = await fetch(`${url}/health`)
  const took = (performance.now() - began) / 1000
  child.kill('SIGTERM')
  await gone
  if (!reply.ok) throw new Error(`npm start answers with ${reply.status}.`)
  return took
}
