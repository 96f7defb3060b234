import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules that a change of colours alone can break. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/**
 * What axe finds wrong with what is on the screen now: rule, and the places.
 *
 * @param rules the rules to check; all if absent
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // By the debugger, past the page's policy: a script of another kind may not run there.
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(SOURCE)
  const found = await page.evaluate(async (values) => {
    // SAFETY: the line above has put it there.
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }
    const runOnly = values && { type: 'rule', values }
    return (await axe.run({ resultTypes: ['violations'], ...(runOnly && { runOnly }) })).violations
  }, rules)
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`,
  )
}
