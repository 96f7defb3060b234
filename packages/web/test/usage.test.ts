import { readFile } from 'node:fs/promises'
import { signIn, startConsole } from '@activepieces/test-support/console'
import { ODD_MODEL, writeUsage } from '@activepieces/test-support/usage-rows'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'

const { open, state } = startConsole({ before: (dataDir) => writeUsage(dataDir, 100_000) })

/** The sum of what has moved without anybody's doing, as browsers reckon it. */
const watchShifts = () => {
  Object.assign(window, { shifts: 0 })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!Reflect.get(entry, 'hadRecentInput'))
        Object.assign(window, { shifts: Reflect.get(window, 'shifts') + Reflect.get(entry, 'value') })
    }
  }).observe({ type: 'layout-shift', buffered: true })
}

async function csvBy(page: Page, group: string): Promise<string[]> {
  await page.getByRole('radiogroup', { name: 'Sums by' }).getByText(group, { exact: true }).click()
  await page.getByRole('table', { name: `Sums by: ${group}` }).waitFor()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ])
  expect(file.suggestedFilename()).toBe(`usage-by-${group.toLowerCase()}.csv`)
  return (await readFile(await file.path(), 'utf8')).split('\r\n')
}

describe('100,000 calls', () => {
  test('are summed up, by everything, in figures, tables and CSV, and nothing jumps while they come', async () => {
    const page = await open('/audit', { acceptDownloads: true, viewport: { width: 1280, height: 2_000 } })
    await signIn(page)
    await page.addInitScript(watchShifts)
    await page.goto(`${state.url}/usage`)
    const latest = page.getByRole('table', { name: 'Latest calls' })
    await latest.getByRole('cell').first().waitFor()
    expect(await page.evaluate(() => Reflect.get(window, 'shifts'))).toBe(0)
    for (const words of ['$1,000.00', '100,000', '2.0 %', '1.5M'])
      await page.getByText(words, { exact: true }).waitFor()
    const failures = page.getByRole('table', { name: 'Failures, by who must act' })
    expect(await failures.getByRole('row').nth(1).innerText()).toMatch(/The admin\s+key-rejected\s+2,000/)

    const head =
      ',calls,failedCalls,unpricedCalls,estimatedCalls,promptTokens,cacheReadTokens,cacheWriteTokens,completionTokens,reasoningTokens,costUsd,medianFirstByteMs'
    expect(await csvBy(page, 'Provider')).toEqual([
      `provider${head}`,
      'openai,50000,1000,0,0,500000,0,0,250000,0,500,100',
      'anthropic,25000,1000,0,25000,250000,0,0,125000,0,250,100',
      'groq,25000,0,0,0,250000,0,0,125000,0,250,100',
    ])
    // A name that a spreadsheet would reckon with stays a name, and keeps its quotes and comma.
    expect(await csvBy(page, 'Model')).toContain(
      `"'${ODD_MODEL.replaceAll('"', '""')}",25000,0,0,0,250000,0,0,125000,0,250,100`,
    )
    expect(await csvBy(page, 'Project')).toHaveLength(6)
    const days = await csvBy(page, 'Day')
    expect(days.slice(1).reduce((sum, line) => sum + Number(line.split(',')[1]), 0)).toBe(100_000)

    await page.getByText('every call has a known price · 25,000 calls are estimated').waitFor()
    await latest.getByText('$0.01 (estimated)').first().waitFor()

    await page.getByRole('button', { name: 'Show older calls' }).click()
    await expect.poll(() => latest.getByRole('row').count()).toBe(51)
    await page.getByLabel('Failed ones only').check()
    await latest
      .getByRole('row', { name: /401 · key-rejected/ })
      .first()
      .waitFor()
    await expect.poll(() => latest.getByRole('row', { name: / 200 10 → 5 / }).count()).toBe(0)
  })
})
