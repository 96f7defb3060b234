// `npm run bench`: what the library costs, beside the vendors' SDKs and other libraries, as ratios of one run.
import { parseArgs } from 'node:util'
import { buildLibrary } from './library.ts'
import { installPeers } from './peers.ts'
import { ROWS } from './rows.ts'
import { start } from './side.ts'
import { HEAD, isOver, renderRow } from './table.ts'

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } } })
  const rows = ROWS.filter((row) => !values.only || row.name.includes(values.only))
  if (rows.length === 0)
    throw new Error(`No row has "${values.only}" in its name; there are: ${ROWS.map((row) => row.name).join(', ')}.`)
  const noPeers = await installPeers()
  if (noPeers) console.error(`The peers could not be installed: ${noPeers}`)
  await buildLibrary()
  const upstream = await start('upstream')
  console.log(HEAD)
  try {
    const url = await upstream.ask<string>('url')
    for (const row of rows) {
      const measured = row.needsPeers && noPeers ? undefined : await row.measure({ url, quick: values.quick })
      console.log(renderRow(row, measured))
      if (isOver(row, measured)) process.exitCode = 1
    }
  } finally {
    await upstream.stop()
  }
}

await main()
