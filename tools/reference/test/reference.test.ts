import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { REFERENCE, reference } from '../src/reference.ts'

it('is what the code says, and every public name has its words', async () => {
  expect(await readFile(REFERENCE, 'utf8'), 'it is out of date: npm run reference').toBe(await reference())
})
