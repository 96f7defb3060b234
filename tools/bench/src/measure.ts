import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { start } from './side.ts'
import type { Memory, Round } from './sides/caller.ts'

export type Setting = {
  url: string
  quick: boolean
  soakMinutes: number
  /** Why a peer could not be installed. */
  missing: { peers?: string | undefined; portkey?: string | undefined }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

// ---- warm: two long-running processes, measured alternately

/** Runs the same task in both processes alternately, after one warm-up round. @returns the medians of each */
export async function compare(
  [ours, theirs]: readonly [string, string],
  { url, quick }: Setting,
  { task, count, rounds }: { task: string; count: number; rounds: number },
): Promise<{ ours: Round; theirs: Round }> {
  const sides = [await start('caller', ours, url), await start('caller', theirs, url)] as const
  try {
    const measured: [Round[], Round[]] = [[], []]
    for (let round = -1; round < (quick ? 3 : rounds); round++) {
      for (const index of [0, 1] as const) {
        const result = await sides[index].ask<Round>(task, { count })
        if (round >= 0) measured[index].push(result)
      }
    }
    return { ours: medians(measured[0]), theirs: medians(measured[1]) }
  } finally {
    await Promise.all(sides.map((side) => side.stop()))
  }
}

function medians(rounds: readonly Round[]): Round {
  return {
    cpu: median(rounds.map(({ cpu }) => cpu)),
    wall: median(rounds.map(({ wall }) => wall)),
    firstDelta: median(rounds.map(({ firstDelta }) => firstDelta)),
  }
}

/** Memory in use after the work, as a ratio of the memory before it. */
export async function memoryRatio(side: string, { url, quick }: Setting): Promise<number> {
  const process = await start('caller', side, url)
  try {
    const { before, after } = await process.ask<Memory>('memory', { count: quick ? 2_000 : 10_000 })
    return after / before
  } finally {
    await process.stop()
  }
}

// ---- cold: a new process each time

/** A program that runs once: its code, the folder to resolve its imports from, and additional environment variables. */
export type Program = { code: string; cwd: string; env?: Record<string, string> }

export type Run = { wall: number; rss: number }

/** Runs both programs alternately in new processes. @returns medians of wall time (ms) and of memory at the end (MB) */
export async function compareCold(
  programs: readonly [Program, Program],
  { quick }: Setting,
): Promise<{ ours: Run; theirs: Run }> {
  const measured: [Run[], Run[]] = [[], []]
  for (let round = -1; round < (quick ? 5 : 21); round++) {
    for (const index of [0, 1] as const) {
      const run = await runOnce(programs[index])
      if (round >= 0) measured[index].push(run)
    }
  }
  const [ours, theirs] = measured.map((runs) => ({
    wall: median(runs.map((run) => run.wall)),
    rss: median(runs.map((run) => run.rss)),
  }))
  if (!ours || !theirs) throw new Error('Nothing was measured.')
  return { ours, theirs }
}

const PRINT_MEMORY = '\n;process.stdout.write(String(process.memoryUsage.rss()))'

async function runOnce({ code, cwd, env }: Program): Promise<Run> {
  const began = performance.now()
  const args = ['--input-type=module', '-e', code + PRINT_MEMORY]
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`A program failed (${status}): ${code}`)
  return { wall: performance.now() - began, rss: Number(output) / 1_000_000 }
}
