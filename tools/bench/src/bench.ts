// `npm run bench`: compares the cost of library and proxy with the vendors' SDKs and similar projects, as ratios of one run.
import { readArguments, runProgram, UsageError } from '@activepieces/cli'
import { buildLibrary } from './library.ts'
import { installPeers, installPortkey } from './peers.ts'
import { PROXY_ROWS } from './proxy-rows.ts'
import { ROWS as LIBRARY_ROWS } from './rows.ts'
import { start } from './side.ts'
import { HEAD, isOver, renderRow } from './table.ts'

const ROWS = [...LIBRARY_ROWS, ...PROXY_ROWS]

const USAGE = `Usage: npm run bench -- [options]

Measures the library and the proxy, and prints one table. Exits with status 1 if a row is over its bound.

  --only <text>      measure only the rows whose name contains the text
  --quick            run fewer rounds
  --soak <minutes>   duration of the streams of the last rows (default: 1)
  --help             print this help`

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
    throw new UsageError(`No row name contains "${values.only}". Rows: ${ROWS.map((row) => row.name).join(', ')}.`)
  const soakMinutes = Number(values.soak)
  if (!(soakMinutes > 0)) throw new UsageError(`--soak must be a number of minutes above 0, got "${values.soak}".`)
  const isNeeded = (peer: string) => rows.some(({ needs }) => needs === peer)
  const missing = {
    peers: isNeeded('peers') ? await installPeers() : undefined,
    portkey: isNeeded('portkey') ? await installPortkey() : 'not asked for',
  }
  for (const [peer, reason] of Object.entries(missing))
    if (reason && isNeeded(peer)) console.error(`${peer} could not be installed: ${reason}`)
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
