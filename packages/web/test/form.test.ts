import { choose, signIn, startConsole } from '@activepieces/test-support/console'
import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'

const { open, state } = startConsole({ connected: ['openai'] })
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

beforeAll(() => {
  const data = { customer: 'Ada', total: 12.5 }
  state.emulator.prependFixture({ match: { userMessage: /invoice/i }, response: { content: JSON.stringify(data) } })
})

/** A field by its label, as soon as it can be used. */
const box = (at: Page | Locator, name: string) => at.getByRole('textbox', { name, exact: true })

const focused = (field: Locator) => field.evaluate((element) => element === document.activeElement)

/** Runs the form and gives what went to the vendor. */
async function sentBy(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('Done').waitFor()
  await page.getByText('Exact request', { exact: true }).click()
  return page.getByRole('region', { name: 'Body of the request' }).innerText()
}

describe('the form of an action is made of its own properties', () => {
  test('files in a list, a checkbox below a model, a number: they arrive at the vendor as they were given', async () => {
    const page = await open('/step')
    await signIn(page)
    await choose(page, 'Provider', /OpenAI/)
    await choose(page, 'Model', 'gpt-5.4')
    // Which properties there are depends on the model.
    await page.getByRole('checkbox', { name: 'Web Search' }).check()
    await box(page, 'Prompt').fill('What is in the pictures?')
    await page.getByRole('textbox', { name: 'Maximum Tokens' }).fill('77')
    for (const place of [0, 1, 2]) {
      await page.getByRole('button', { name: 'Add an item' }).click()
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: 'File', exact: true }).nth(place).click(),
      ])
      await chooser.setFiles({ name: `piece-${place}.png`, mimeType: 'image/png', buffer: PNG })
      await page.getByText(`piece-${place}.png`, { exact: true }).waitFor()
    }
    await page.getByRole('button', { name: 'Remove item 2 of Files' }).click()
    await expect.poll(() => page.getByText('piece-1.png', { exact: true }).count()).toBe(0)
    await expect.poll(() => focused(page.getByRole('button', { name: 'Add an item' }))).toBe(true)
    const body = JSON.parse(await sentBy(page))
    const sent = JSON.stringify(body)
    expect(sent.split(`data:image/png;base64,${PNG.toString('base64')}`)).toHaveLength(3)
    expect(sent).toContain('web_search')
    expect(Object.values(body)).toContain(77)

    // Of a model that has no such property nothing is left.
    await choose(page, 'Model', 'gpt-4')
    await page.getByRole('checkbox', { name: 'Web Search' }).waitFor({ state: 'hidden' })
  })

  test('a list of items with texts, choices and checkboxes; and JSON that is half-written stays and says so', async () => {
    const page = await open('/step')
    await signIn(page)
    await choose(page, 'Piece', 'Utility AI')
    await choose(page, 'Action', 'Extract Structured Data')
    await choose(page, 'Provider', /OpenAI/)
    await choose(page, 'Model', 'gpt-5.4')
    await box(page, 'Text').fill('An invoice for Ada: 12.50')
    const fields = page.getByRole('group', { name: 'Fields' })
    for (const [place, [name, type]] of [['customer', 'text'] as const, ['total', 'number'] as const].entries()) {
      await fields.getByRole('button', { name: 'Add an item' }).click()
      // With the focus in it, so that a keyboard goes on without looking for it.
      await expect.poll(() => focused(box(page, 'Name').nth(place))).toBe(true)
      await page.keyboard.type(name)
      await page.getByRole('combobox', { name: 'Type' }).nth(place).click()
      await page.getByRole('option', { name: type, exact: true }).locator('visible=true').click()
      await page
        .getByRole('checkbox', { name: 'Required' })
        .nth(place)
        .setChecked(name === 'customer')
    }
    const schema = box(page, 'JSON Schema')
    await schema.fill('{ "type": ')
    await schema.blur()
    await page.getByText('This is not JSON').waitFor()
    expect(await schema.inputValue()).toBe('{ "type": ')
    await schema.fill('')

    const sent = await sentBy(page)
    expect(sent).toMatch(/"customer": \{[^}]*"string"[^}]*\},\s*"total": \{[^}]*"number"/)
    await page.getByText('What the step was given').click()
    expect(JSON.parse(await page.getByRole('region', { name: 'What the step was given' }).innerText()).fields).toEqual([
      { name: 'customer', type: 'text', required: true },
      { name: 'total', type: 'number' },
    ])
    const answer = await page.getByRole('article').getByRole('region', { name: 'Answer' }).innerText()
    expect(answer).toContain('"customer": "Ada"')
  })
})
