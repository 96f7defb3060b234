import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { violations } from './helpers/axe.ts'
import { choose, signIn, startConsole } from './helpers/console.ts'

const { open, state } = startConsole({ connected: ['openai', 'anthropic'] })
const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  { name: 'on a phone, light', colorScheme: 'light', viewport: { width: 390, height: 780 } },
  { name: 'on a phone, dark', colorScheme: 'dark', viewport: { width: 390, height: 780 } },
] as const

/** A sign that a screen has all its data. */
const READY: Record<string, (page: Page) => Promise<unknown>> = {
  '/providers': (page) => page.getByRole('article', { name: 'OpenAI', exact: true }).waitFor(),
  '/step': (page) => page.getByRole('combobox', { name: 'Provider' }).and(page.locator(':enabled')).waitFor(),
  '/usage': (page) => page.getByRole('table', { name: 'Latest calls' }).getByRole('cell').first().waitFor(),
  '/projects': (page) => page.getByRole('article', { name: 'Local' }).waitFor(),
  '/audit': (page) => page.getByText('That is all.').waitFor(),
}

beforeAll(async () => {
  // Something to show on every screen.
  const { pieces } = state.server
  const input = { provider: 'openai', model: 'gpt-5.4', prompt: 'What is a piece?' }
  const job = { type: 'run', piece: 'text-ai', action: 'ask_ai', projectId: 'local', input } as const
  await pieces.run(job, { signal: new AbortController().signal })
})

/** Neither axe nor a sideways scrollbar has anything to say. */
async function expectWell(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
}

describe.each(LOOKS)('$name', ({ colorScheme, viewport }) => {
  let page: Page
  beforeAll(async () => {
    page = await open('/', { colorScheme, viewport })
  })
  afterAll(() => page.context().close())

  test('the sign-in screen', async () => {
    await page.getByLabel('Admin key').waitFor()
    await expectWell(page)
    await signIn(page)
  })

  test.each(Object.entries(READY))('%s', async (path, ready) => {
    await page.goto(state.url + path)
    await ready(page)
    await expectWell(page)
  })

  test('a step that has run, with everything open', async () => {
    await page.goto(`${state.url}/step`)
    await ask(page)
    for (const summary of await page.locator('summary').all()) await summary.click()
    await page.getByRole('table', { name: 'Calls of vendors' }).waitFor()
    await expectWell(page)
  })

  test('the dialogs of a connection', async () => {
    await page.goto(`${state.url}/providers`)
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Connect Groq' }).click()
    await dialog.getByRole('button', { name: 'Add a header' }).click()
    await dialog.getByRole('button', { name: 'Test and save' }).click()
    await dialog.getByRole('alert').waitFor()
    await expectWell(page)
    await page.keyboard.press('Escape')
    for (const action of ['Edit', 'Check now', 'Doctor', 'Fault drill', 'Delete']) {
      await dialog.waitFor({ state: 'hidden' })
      await page.getByRole('button', { name: 'What to do with OpenAI', exact: true }).click()
      await page.getByRole('menuitem', { name: action }).waitFor()
      if (action === 'Edit') await expectWell(page)
      await page.getByRole('menuitem', { name: action }).click()
      await dialog.waitFor()
      if (action === 'Check now') await dialog.getByText('It works').waitFor()
      await expectWell(page)
      await page.keyboard.press('Escape')
    }
  })

  test('the dialogs of a project', async () => {
    await page.goto(`${state.url}/projects`)
    const dialog = page.getByRole('dialog')
    for (const name of ['New project', 'Edit: Local', 'Tokens: Local', 'Revoke all: Local']) {
      await page.getByRole('button', { name }).click()
      await dialog.waitFor()
      await expectWell(page)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
    }
  })

  test.runIf(viewport.width < 500)('the drawer with the sections', async () => {
    await page.getByRole('button', { name: 'Open the menu' }).click()
    await page.getByRole('link', { name: 'Audit' }).waitFor()
    await expectWell(page)
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor()
  })
})

async function ask(page: Page): Promise<void> {
  await choose(page, 'Provider', /OpenAI/)
  await choose(page, 'Model', 'gpt-5.4')
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('What is a piece?')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('Done').waitFor()
}
