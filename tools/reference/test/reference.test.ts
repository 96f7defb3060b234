import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { REFERENCE, reference } from '../src/reference.ts'

it('matches the code, and every public name is documented', async () => {
  expect(await readFile(REFERENCE, 'utf8'), 'REFERENCE.md is out of date. Run npm run reference.').toBe(await reference())
})
