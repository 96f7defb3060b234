import { median, type Setting } from './measure.ts'
import {
  type CallRound,
  compareCalls,
  compareStreams,
  ratioOf,
  type StreamRound,
  slowReader,
  soak,
  startTime,
} from './proxy-measure.ts'
import type { Row } from './rows.ts'

const PEERS = ['ours', 'floor', 'bare', 'portkey']

/** Shares one measurement between rows. It runs when the first of them needs it. */
function shared<Result>(measure: (setting: Setting) => Promise<Result>): (setting: Setting) => Promise<Result> {
  let result: Promise<Result> | undefined
  return (setting) => {
    result ??= measure(setting)
    return result
  }
}

const withPortkey = ({ missing }: Setting) => PEERS.filter((name) => name !== 'portkey' || !missing.portkey)
const calls32 = shared((setting) => compareCalls(withPortkey(setting), 32, setting))
const calls256 = shared((setting) => compareCalls(withPortkey(setting), 256, setting))
const streams500 = shared((setting) => compareStreams([...withPortkey(setting), 'unmetered'], 500, setting))
const soaked = shared(soak)
const slow = shared(slowReader)

const rate = (round: CallRound) => round.rate
const cpu = (round: StreamRound) => round.cpu

/** The rows of the proxy. */
export const PROXY_ROWS: readonly Row[] = [
  ...[
    { connections: 32, measured: calls32 },
    { connections: 256, measured: calls256 },
  ].flatMap(({ connections, measured }): Row[] => [
    {
      name: `proxy, ${connections} connections: requests/s / floor`,
      least: 0.75,
      measure: async (setting) => ratioOf(await measured(setting), 'floor', rate),
    },
    {
      name: `proxy, ${connections} connections: requests/s / bare node:http`,
      least: 1,
      measure: async (setting) => ratioOf(await measured(setting), 'bare', rate),
    },
    {
      name: `proxy, ${connections} connections: requests/s / Portkey`,
      least: 6.5,
      needs: 'portkey',
      measure: async (setting) => ratioOf(await measured(setting), 'portkey', rate),
    },
  ]),
  {
    name: 'proxy, 32 connections: p99 / floor',
    bound: 2,
    measure: async (setting) => ratioOf(await calls32(setting), 'floor', (round) => round.p99),
  },
  {
    name: 'proxy, 32 connections: CPU a call / floor',
    measure: async (setting) => ratioOf(await calls32(setting), 'floor', (round) => round.cpu),
  },
  {
    name: 'proxy, 500 streams: CPU / bare node:http',
    bound: 1.05,
    measure: async (setting) => ratioOf(await streams500(setting), 'bare', cpu),
  },
  {
    name: 'proxy, 500 streams: CPU / Portkey',
    bound: 0.55,
    needs: 'portkey',
    measure: async (setting) => ratioOf(await streams500(setting), 'portkey', cpu),
  },
  {
    name: 'proxy, 500 streams: CPU / the same without metering',
    bound: 1.1,
    measure: async (setting) => ratioOf(await streams500(setting), 'unmetered', cpu),
  },
  {
    name: 'proxy, 500 streams: first byte later, median',
    bound: 2,
    unit: 'ms',
    measure: (setting) => later('p50', setting),
  },
  {
    name: 'proxy, 500 streams: first byte later, p99',
    bound: 75,
    unit: 'ms',
    measure: (setting) => later('p99', setting),
  },
  {
    name: 'proxy, 1,000 streams at once, again and again: lost',
    bound: 0,
    unit: 'streams',
    measure: async (setting) => (await soaked(setting)).lost,
  },
  {
    name: 'proxy, 1,000 streams at once, again and again: late',
    bound: 0,
    unit: 'streams',
    measure: async (setting) => (await soaked(setting)).late,
  },
  {
    name: 'proxy, memory after that / before',
    bound: 1.1,
    measure: async (setting) => (await soaked(setting)).memory,
  },
  {
    name: 'proxy, 20 MB to a slow reader: memory grows by',
    bound: 110,
    unit: 'MB',
    measure: async (setting) => (await slow(setting)).growth,
  },
  {
    name: 'proxy, 20 MB to a slow reader: and afterwards is larger by',
    bound: 30,
    unit: 'MB',
    measure: async (setting) => (await slow(setting)).left,
  },
  { name: 'npm start on a data folder that exists: first answer after', bound: 3, unit: 's', measure: startTime },
]

/** Delay of the first byte in milliseconds, compared with the vendor without a proxy. */
async function later(which: 'p50' | 'p99', setting: Setting): Promise<number> {
  const rounds = await streams500(setting)
  const of = (name: string) => rounds.get(name) ?? []
  return median(of('ours').map((round, at) => round[which] - (of('vendor')[at]?.[which] ?? Number.NaN)))
}
