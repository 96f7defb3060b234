import { COLOUR_RULES, violations } from '@activepieces/test-support/axe'
import { choose, signIn, startConsole } from '@activepieces/test-support/console'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'

const { open, state } = startConsole({ connected: ['openai', 'anthropic'] })
const WIDE = { width: 1280, height: 860 }
const PHONE = { width: 390, height: 780 }

/** Each screen is brought about once and looked at in all of these. What colours cannot change is looked at in light. */
const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: WIDE, rules: undefined },
  { name: 'dark', colorScheme: 'dark', viewport: WIDE, rules: COLOUR_RULES },
  { name: 'on a phone, dark', colorScheme: 'dark', viewport: PHONE, rules: COLOUR_RULES },
  { name: 'on a phone, light', colorScheme: 'light', viewport: PHONE, rules: undefined },
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

/** Brings every change of a colour to its end. */
const settle = () => {
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish()
}

/** Neither axe nor a sideways scrollbar has anything to say. */
async function expectWell(page: Page, looks: readonly (typeof LOOKS)[number][] = LOOKS): Promise<void> {
  for (const { name, colorScheme, viewport, rules } of looks) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme })
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' })
    await page.evaluate(settle)
    const overhang = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    await expect.poll(overhang, { message: name }).toBeLessThanOrEqual(0)
    expect(await violations(page, rules), name).toEqual([])
  }
}

describe('in light and dark, wide and on a phone', () => {
  let page: Page
  beforeAll(async () => {
    page = await open('/')
  })

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

  test('the drawer with the sections', async () => {
    await page.setViewportSize(PHONE)
    await page.getByRole('button', { name: 'Open the menu' }).click()
    await page.getByRole('link', { name: 'Audit' }).waitFor()
    await expectWell(
      page,
      LOOKS.filter(({ viewport }) => viewport === PHONE),
    )
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
