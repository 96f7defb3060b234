// Started by `.ci/run` in a fresh clone after `npm ci`. The argument is the folder of recorded exchanges, which may not exist.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, runCommand } from './command.ts'
import { closingLine, countOf, sum } from './count.ts'
import { firstStart } from './first-start.ts'

const [recordings = ''] = process.argv.slice(2)
// Only the last step uses the recordings. The others run as on any machine.
const { RECORDED_EXCHANGES: _ignored, ...env } = process.env

const steps: (() => Promise<Ended>)[] = [
  firstStart,
  () => runCommand('npm run lint', env),
  () => runCommand('npm run typecheck', env),
  () => runCommand('npm run docs', env),
  () => runCommand('npm test', env),
]
if (existsSync(join(recordings, 'exchanges'))) {
  steps.push(() => runCommand('npm test -- test/recorded', { ...env, RECORDED_EXCHANGES: recordings }))
} else console.log(`No recorded exchanges in ${recordings}: only the hand-written ones are replayed.`)

const counts = []
for (const step of steps) {
  const { output, exitCode } = await step()
  counts.push(countOf(output, exitCode))
}
const total = sum(counts)
process.exitCode = total.failed === 0 ? 0 : 1
console.log(`\n${closingLine(total)}`)
