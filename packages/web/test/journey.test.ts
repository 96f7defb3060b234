import { ADMIN_KEY, ANSWER, choose, signIn, startConsole } from '@activepieces/test-support/console'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'

const { open, state } = startConsole()
const dialog = (page: Page) => page.getByRole('dialog')

describe('the last section of the guide: configure a provider, then use it in a step', () => {
  test('from the first screen to an answer', async () => {
    const page = await open()
    await signIn(page)
    await page.getByText('Nothing is connected yet.').waitFor()

    // Without a provider the step says what is missing.
    await page.getByRole('link', { name: 'Try a step' }).click()
    await page.getByPlaceholder('No AI providers configured by the admin.').waitFor()

    await page.getByRole('link', { name: 'AI providers' }).click()
    await page.getByRole('button', { name: 'Connect OpenAI', exact: true }).click()
    await dialog(page).getByLabel('API key').fill('sk-known-value-0123456789')
    await dialog(page).getByLabel('Base URL').fill(state.emulator.url)
    await dialog(page).getByRole('button', { name: 'Test and save' }).click()
    await dialog(page).waitFor({ state: 'hidden' })
    await page.getByRole('article', { name: 'OpenAI', exact: true }).getByText('Works').waitFor()

    await page.getByRole('link', { name: 'Try a step' }).click()
    expect(await page.getByRole('combobox', { name: 'Action' }).inputValue()).toBe('Ask AI')
    await choose(page, 'Provider', 'OpenAI')
    await choose(page, 'Model', 'gpt-5.4')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('alert').getByText('Still to fill in: Prompt.').waitFor()
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('What is a piece?')
    await page.getByRole('spinbutton', { name: 'Creativity' }).or(page.getByLabel('Creativity')).first().fill('30')
    await page.getByRole('button', { name: 'Run', exact: true }).click()

    const answer = page.getByRole('article', { name: 'openai · gpt-5.4' })
    await answer.getByRole('paragraph').filter({ hasText: ANSWER }).waitFor()
    await answer.getByText('Done').waitFor()
    await answer.getByText(/first token after/).waitFor()
    await answer.getByText('20 → 12 tokens').waitFor()
    await answer
      .getByRole('listitem')
      .getByText(/creativity dropped/)
      .waitFor()
    const row = answer.getByRole('table', { name: 'Calls of vendors' }).getByRole('row', { name: /gpt-5\.4/ })
    await row.waitFor()
    expect(await row.innerText()).toMatch(/200\s+20 → 12\s+\$/)

    // What went over the wire, as the vendor has noted it.
    await answer.getByText('Exact request').click()
    await answer.getByText(`POST ${state.emulator.url}/v1/chat/completions`).waitFor()
    const sent = JSON.parse(await answer.getByRole('region', { name: 'Body of the request' }).innerText())
    expect(sent).toMatchObject({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'What is a piece?' }] })
    expect(sent).not.toHaveProperty('temperature')
    await answer.getByText(/^\d+ headers$/).click()
    const headers = await answer.getByRole('region', { name: /headers/ }).innerText()
    expect(headers).toContain('Authorization: (stored with the connection, never shown)')
    expect(await page.content()).not.toContain('sk-known-value')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await answer.getByRole('button', { name: 'Copy: Exact request' }).click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toMatch(/^POST http:\S+\/v1\/chat\/completions\n[\s\S]*\n\n\{\n {2}"model": "gpt-5\.4"/)

    await page.getByText('Copy as code').click()
    const code = await page.getByRole('region', { name: 'Copy as code' }).innerText()
    expect(code).toContain(`${state.url}/api/v1/pieces/text-ai/actions/ask_ai/run`)
    expect(code).toContain('"creativity": 30')

    await page.getByRole('link', { name: 'Usage' }).click()
    await page
      .getByRole('table', { name: 'Latest calls' })
      .getByRole('row', { name: /gpt-5\.4/ })
      .first()
      .waitFor()
    await page.getByRole('link', { name: 'AI providers' }).click()
    await page
      .getByRole('article', { name: 'OpenAI', exact: true })
      .getByText(/Used just now · \$\S+ this month/)
      .waitFor()
  })

  test('the same question to four models side by side; one fails, the others answer, the form stays', async () => {
    const page = await open('/step')
    await signIn(page)
    await choose(page, 'Provider', 'OpenAI')
    await choose(page, 'Model', 'gpt-5.4')
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('What is a piece?')
    for (const [place, model] of [
      [1, 'gpt-5.4-mini'],
      [2, 'gpt-5.2'],
      [3, 'gpt-5.5'],
    ] as const) {
      await page.getByRole('button', { name: 'Compare with another model' }).click()
      await page.getByRole('combobox', { name: 'Provider' }).nth(place).and(page.locator(':enabled')).click()
      await page.getByRole('option', { name: 'OpenAI', exact: true }).locator('visible=true').click()
      await page.getByRole('combobox', { name: 'Model' }).nth(place).and(page.locator(':enabled')).click()
      await page.getByRole('option', { name: model, exact: true }).locator('visible=true').click()
    }
    expect(await page.getByRole('button', { name: 'Compare with another model' }).count()).toBe(0)
    state.emulator.prependFixture({
      match: { model: 'gpt-5.2' },
      response: { error: { message: 'The model is at its limit.', type: 'invalid_request_error' }, status: 400 },
    })
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    for (const model of ['gpt-5.4', 'gpt-5.4-mini', 'gpt-5.5']) {
      await page
        .getByRole('article', { name: `openai · ${model}`, exact: true })
        .getByRole('paragraph')
        .filter({ hasText: ANSWER })
        .waitFor()
    }
    const failed = page.getByRole('article', { name: 'openai · gpt-5.2' })
    await failed.getByRole('alert').getByText('The model is at its limit.').waitFor()
    expect(await page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue()).toBe('What is a piece?')
  })

  test('with the keyboard alone', async () => {
    const page = await open()
    await page.locator('input:focus').waitFor()
    await page.keyboard.type(ADMIN_KEY)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'AI providers', level: 1 }).waitFor()
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 80; presses++) {
        const now = await page.evaluate(() => {
          const { activeElement: at } = document
          return at?.getAttribute('aria-label') ?? at?.textContent ?? ''
        })
        if (now === name) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`The keyboard does not get to "${name}".`)
    }
    await tabTo('Connect Groq')
    await page.keyboard.press('Enter')
    await dialog(page).getByLabel('API key').waitFor()
    await page.keyboard.type('gsk-known-value-0123456789')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Control+A')
    await page.keyboard.type(state.emulator.url)
    await page.keyboard.press('Enter')
    await dialog(page).waitFor({ state: 'hidden' })
    await page.getByRole('article', { name: 'Groq' }).getByText('Works').waitFor()
    await tabTo('What to do with Groq')
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor()
    for (let step = 0; step < 5; step++) {
      const item = await page.evaluate(() => document.activeElement?.textContent)
      if (item === 'Delete') break
      await page.keyboard.press('ArrowDown')
    }
    await page.keyboard.press('Enter')
    await dialog(page).getByText('stops working at once').waitFor()
    await tabTo('Delete')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Connect Groq' }).waitFor()
    expect(await page.getByRole('button', { name: 'Connect Groq' }).isEnabled()).toBe(true)
  })
})
