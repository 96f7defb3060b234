// `npm run bench`: what library and proxy cost, beside the vendors' SDKs and their like, as ratios of one run.
import { parseArgs } from 'node:util'
import { buildLibrary } from './library.ts'
import { installPeers, installPortkey } from './peers.ts'
import { PROXY_ROWS } from './proxy-rows.ts'
import { ROWS as LIBRARY_ROWS } from './rows.ts'
import { start } from './side.ts'
import { HEAD, isOver, renderRow } from './table.ts'

const ROWS = [...LIBRARY_ROWS, ...PROXY_ROWS]

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      soak: { type: 'string', default: '1' },
    },
  })
  const rows = ROWS.filter((row) => !values.only || row.name.includes(values.only))
  if (rows.length === 0)
    throw new Error(`No row has "${values.only}" in its name; there are: ${ROWS.map((row) => row.name).join(', ')}.`)
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
    const setting = { url, quick: values.quick, soakMinutes: Number(values.soak), missing }
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

await main()
