// `npm run reference`: builds the reference of the library.
import { readArguments, runProgram } from '@activepieces/cli'
import { REFERENCE, writeReference } from './reference.ts'

const USAGE = `Usage: npm run reference

Builds the reference of the library from its doc comments, in tools/reference/dist. The server serves it at /docs/library.`

await runProgram(async () => {
  readArguments(USAGE, {})
  await writeReference(REFERENCE)
})
