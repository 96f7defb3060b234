// `npm run build` in a package.
import { join, relative } from 'node:path'
import { readArguments, runProgram } from '@activepieces/cli'
import { buildPackage } from './build-package.ts'

const ROOT = join(import.meta.dirname, '../../..')
const USAGE = `Usage: npm run build -w <package>

Writes the files of the package that npm publishes into its dist folder.`

await runProgram(async () => {
  readArguments(USAGE, {})
  // Relative: nx prints the cached output in other clones too.
  console.log(`Built: npm pack ./${relative(ROOT, await buildPackage(process.cwd()))}`)
})
