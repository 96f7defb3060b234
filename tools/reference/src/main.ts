// `npm run reference`: writes the reference of the library.
import { writeFile } from 'node:fs/promises'
import { readArguments, runProgram } from '@activepieces/cli'
import { REFERENCE, reference } from './reference.ts'

const USAGE = `Usage: npm run reference

Writes the reference of the library, packages/pieces/community/common/REFERENCE.md, from its doc comments.`

await runProgram(async () => {
  readArguments(USAGE, {})
  await writeFile(REFERENCE, await reference())
})
