import { ADMIN_KEY, choose, signIn, startConsole } from '@activepieces/test-support/console'
import { describe, expect, test } from 'vitest'

const { open, state } = startConsole({ connected: ['openai'] })

describe('what goes wrong costs no input', () => {
  test('a session that ends: one signs in on top of the screen, and goes on', async () => {
    const page = await open('/projects')
    await signIn(page)
    await page.getByRole('button', { name: 'New project' }).click()
    const dialog = page.getByRole('dialog', { name: 'New project' })
    await dialog.getByLabel('Name').fill('Shop')
    await page.context().clearCookies()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The session has ended.').waitFor()
    await page.getByLabel('Admin key').fill(ADMIN_KEY)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The session has ended. What').waitFor({ state: 'hidden' })
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Shop')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('article', { name: 'Shop' }).waitFor()
  })

  test('a server that does not answer: it is said where one is, and tried again by hand', async () => {
    const page = await open('/providers')
    await signIn(page)
    await page.getByRole('article', { name: 'OpenAI', exact: true }).waitFor()
    await page.route('**/api/**', (route) => route.abort())
    await page.getByRole('button', { name: 'Connect Groq' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('API key').fill('gsk-known-value-0123456789')
    await dialog.getByRole('button', { name: 'Test and save' }).click()
    await dialog.getByRole('alert').getByText('The server does not answer.').waitFor()
    expect(await dialog.getByLabel('API key').inputValue()).toBe('gsk-known-value-0123456789')
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('alert').getByText('The server does not answer.').waitFor()
    await page.unroute('**/api/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('table', { name: 'Audit' }).waitFor()
  })

  test('an action that fails says why, and the form stays as it is', async () => {
    const page = await open('/step')
    await signIn(page)
    await choose(page, 'Provider', /OpenAI/)
    await choose(page, 'Model', 'gpt-5.4')
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('What is a piece?')
    await page.getByLabel('Creativity').first().fill('500')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('alert').getByText('expected a number from 0 to 100').waitFor()
    expect(await page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue()).toBe('What is a piece?')
  })
})

describe('much of it', () => {
  test('50 connections of one vendor: the card stays short, all can be shown, one is found', async () => {
    const { connections } = state.server
    for (let place = 1; place <= 50; place++) {
      const slug = `team-${place}`
      await connections.save({
        provider: 'mistral',
        slug,
        label: `Team ${place}`,
        apiKey: 'k-0123456789',
        baseUrl: state.emulator.url,
      })
    }
    const page = await open('/providers')
    await signIn(page)
    const card = page.getByRole('article', { name: 'Mistral' })
    await card.waitFor()
    expect(await card.getByRole('listitem').count()).toBe(3)
    await page.getByLabel('Search providers and connections').fill('Team 37')
    await page.getByText('Team 37').waitFor()
    expect(await page.getByRole('article').count()).toBe(1)
    await page.getByLabel('Search providers and connections').fill('')
    await card.getByRole('button', { name: 'Show all 50 connections' }).click()
    expect(await card.getByRole('listitem').count()).toBe(50)
    await page.getByLabel('Search providers and connections').fill('nobody knows it')
    await page.getByText('No provider and no connection is called').waitFor()
  })
})

describe('projects and their tokens', () => {
  test('a dialog says what kept it from being done', async () => {
    const page = await open('/projects')
    await signIn(page)
    const dialog = page.getByRole('dialog')
    const project = await page.getByRole('article').first().getByRole('heading').innerText()
    await page.route('**/api/**', (route) => (route.request().method() === 'GET' ? route.continue() : route.abort()))
    for (const [opener, button, field] of [
      ['New project', 'Save', 'Name'],
      [`Edit: ${project}`, 'Save', undefined],
      [`Tokens: ${project}`, 'Make a token', 'Whom or what it is for'],
      [`Revoke all: ${project}`, 'Revoke all', undefined],
    ] as const) {
      await page.getByRole('button', { name: opener }).click()
      if (field) await dialog.getByLabel(field).fill('books')
      if (opener === 'New project') await dialog.getByLabel('Id').fill('books')
      await dialog.getByRole('button', { name: button }).click()
      await dialog.getByRole('alert').getByText('The server does not answer.').waitFor()
      if (field) expect(await dialog.getByLabel(field).inputValue()).toBe('books')
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
    }
  })

  test('a project is made, changed, and its tokens are shown once and revoked', async () => {
    const page = await open('/projects')
    await signIn(page)
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'New project' }).click()
    await dialog.getByLabel('Name').fill('Books')
    await dialog.getByLabel('Id').fill('not an id')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText(/1 to 64 letters/).waitFor()
    await dialog.getByLabel('Id').fill('books')
    await dialog.getByLabel('Monthly budget in US dollars').fill('50')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('article', { name: 'Books' }).getByText('$0, of $50.00').waitFor()

    await page.getByRole('button', { name: 'Edit: Books' }).click()
    await dialog.getByLabel('Requests a minute').fill('60')
    await choose(page, 'Models without a known price', "Allow, don't count towards the budget")
    await dialog.getByRole('button', { name: 'Save' }).click()
    const books = page.getByRole('article', { name: 'Books' })
    await books.getByText('60 a minute').waitFor()
    await books.getByText("Models without a known price don't count towards this budget.").waitFor()
    await page.getByRole('button', { name: 'Edit: Books' }).click()
    await choose(page, 'Models without a known price', 'Charge a fixed price')
    await dialog.getByLabel('Input, per million tokens').fill('0.5')
    await dialog.getByLabel('Output, per million tokens').fill('2')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await books.getByText("Models without a known price don't count").waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Tokens: Books' }).click()
    await dialog.getByText('There are no tokens yet.').waitFor()
    await dialog.getByLabel('Whom or what it is for').fill('Ada, laptop')
    await dialog.getByRole('button', { name: 'Make a token' }).click()
    const token = await dialog.getByRole('region', { name: 'the new token' }).innerText()
    expect(token).toMatch(/^ap_project_\S{20,}$/)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Tokens: Books' }).click()
    await dialog.getByRole('row', { name: /Ada, laptop/ }).waitFor()
    expect(await dialog.innerText()).not.toContain(token)
    await dialog.getByRole('button', { name: 'Revoke the token for Ada, laptop' }).click()
    await dialog.getByText('There are no tokens yet.').waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Revoke all: Books' }).click()
    await dialog.getByRole('button', { name: 'Revoke all' }).click()
    await dialog.getByText('Done: 0 project tokens were deleted.').waitFor()

    await page.goto(`${state.url}/audit`)
    await page
      .getByRole('row', { name: /project\.create.*books/ })
      .getByText('Before and after')
      .click()
    await page.getByRole('region', { name: 'After' }).getByText('"monthlyBudgetUsd": 50').waitFor()
  })
})
