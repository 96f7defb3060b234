import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as library from '@activepieces/pieces-common'
import { expect, it } from 'vitest'
import { writeReference } from '../src/reference.ts'

it('has a page for every public name, and each is documented', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'reference-'))
  try {
    const folder = join(parent, 'pages')
    await writeReference(folder)
    const files = await readdir(folder, { recursive: true })
    const pages = files.filter((file) => file.endsWith('.html'))
    const names = pages.map((file) => /(\w+)\.html$/.exec(file)?.[1])
    expect(names).toEqual(expect.arrayContaining([...Object.keys(library), 'AIChatCompletion', 'AiProvider']))
    for (const page of pages) {
      const html = await readFile(join(folder, page), 'utf8')
      expect(
        html.match(/<(script|link|img)[^>]+(src|href)="(https?:)?\/\//g),
        `${page} loads from another host`,
      ).toBeNull()
    }
    expect(await readdir(parent)).toEqual(['pages'])
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
})
