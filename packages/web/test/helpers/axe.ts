import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with what is on the screen now: rule, and the places. */
export async function violations(page: Page): Promise<string[]> {
  // By the debugger, past the page's policy: a script of another kind may not run there.
  await page.evaluate(SOURCE)
  const found = await page.evaluate(async () => {
    // SAFETY: the line above has put it there.
    const { axe } = window as unknown as { axe: { run: () => Promise<AxeResults> } }
    return (await axe.run()).violations
  })
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`,
  )
}
