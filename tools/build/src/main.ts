// `npm run build`: builds the package of the current folder.
import { join, relative } from 'node:path'
import { readArguments, runProgram } from '@activepieces/cli'
import { buildPackage } from './build-package.ts'

const ROOT = join(import.meta.dirname, '../../..')
const USAGE = `Usage: npm run build -w <package>

Writes the files that npm publishes to the package's dist folder.`

await runProgram(async () => {
  readArguments(USAGE, {})
  // A relative path, because nx prints the cached output in other clones too.
  console.log(`Built: npm pack ./${relative(ROOT, await buildPackage(process.cwd()))}`)
})
