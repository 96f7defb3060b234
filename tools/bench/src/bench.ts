// `npm run bench`: what library and proxy cost, beside the vendors' SDKs and their like, as ratios of one run.
import { readArguments, runProgram, UsageError } from '@activepieces/cli'
import { buildLibrary } from './library.ts'
import { installPeers, installPortkey } from './peers.ts'
import { PROXY_ROWS } from './proxy-rows.ts'
import { ROWS as LIBRARY_ROWS } from './rows.ts'
import { start } from './side.ts'
import { HEAD, isOver, renderRow } from './table.ts'

const ROWS = [...LIBRARY_ROWS, ...PROXY_ROWS]

const USAGE = `Usage: npm run bench -- [options]

Measures the library and the proxy, and prints one table. Exits with status 1 when a row is over its bound.

  --only <words>     only the rows whose name has these words
  --quick            fewer rounds
  --soak <minutes>   how long the streams of the last rows go on; 1 when absent
  --help             print this`

async function main(): Promise<void> {
  const { values } = readArguments(USAGE, {
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      soak: { type: 'string', default: '1' },
    },
  })
  const rows = ROWS.filter((row) => !values.only || row.name.includes(values.only))
  if (rows.length === 0)
    throw new UsageError(`No row has "${values.only}" in its name. Rows: ${ROWS.map((row) => row.name).join(', ')}.`)
  const soakMinutes = Number(values.soak)
  if (!(soakMinutes > 0)) throw new UsageError(`--soak is "${values.soak}"; allowed: a number of minutes above 0.`)
  const isNeeded = (peer: string) => rows.some(({ needs }) => needs === peer)
  const missing = {
    peers: isNeeded('peers') ? await installPeers() : undefined,
    portkey: isNeeded('portkey') ? await installPortkey() : 'not asked for',
  }
  for (const [peer, why] of Object.entries(missing))
    if (why && isNeeded(peer)) console.error(`${peer} could not be installed: ${why}`)
  await buildLibrary()
  const upstream = await start('upstream')
  console.log(HEAD)
  try {
    const url = await upstream.ask<string>('url')
    const setting = { url, quick: values.quick, soakMinutes, missing }
    for (const row of rows) {
      const isMissing = row.needs !== undefined && missing[row.needs] !== undefined
      const measured = isMissing ? undefined : await row.measure(setting)
      console.log(renderRow(row, measured))
      if (isOver(row, measured)) process.exitCode = 1
    }
  } finally {
    await upstream.stop()
  }
}

await runProgram(main)
