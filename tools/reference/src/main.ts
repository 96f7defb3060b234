// `npm run reference`: writes the reference of the library beside it.
import { writeFile } from 'node:fs/promises'
import { REFERENCE, reference } from './reference.ts'

await writeFile(REFERENCE, await reference())
