import { signIn, startConsole } from '@activepieces/test-support/console'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KEYS, REFUSAL, startVendor } from './vendor.ts'

const { open, state } = startConsole()
let vendor: Awaited<ReturnType<typeof startVendor>>
let page: Page

beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.stop())
beforeEach(async () => {
  for (const { slug } of await state.server.connections.list()) await state.server.connections.remove(slug)
  page = await open()
  await signIn(page)
})

const dialog = () => page.getByRole('dialog')
const key = () => dialog().getByLabel('API key')
const save = () => dialog().getByRole('button', { name: 'Test and save' })
const list = () => state.server.connections.list()

/** Connects Groq by the dialog, to the vendor of the tests. */
async function fill(apiKey: string) {
  await page.getByRole('button', { name: 'Connect Groq' }).click()
  await key().fill(apiKey)
  await dialog().getByLabel('Base URL').fill(vendor.url)
}

async function choose(action: string) {
  await page.getByRole('button', { name: /^What to do with/ }).click()
  await page.getByRole('menuitem', { name: action }).click()
  await dialog().waitFor()
}

const stored = (apiKey: string = KEYS.good) =>
  state.server.connections.save({ provider: 'groq', apiKey, baseUrl: vendor.url, headers: { 'X-Team': 'a' } })

describe('connecting', () => {
  test('shows how to get a key and where the API is', async () => {
    await page.getByRole('button', { name: 'Connect Groq' }).click()
    await dialog().getByRole('link', { name: 'https://console.groq.com/keys' }).waitFor()
    expect(await dialog().getByLabel('Base URL').inputValue()).toBe('https://api.groq.com/openai')
    expect(await key().evaluate((input) => input === document.activeElement)).toBe(true)
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'hidden' })
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await expect.poll(focused).toBe('Connect Groq')
  })

  test('a key that works is saved with its headers, and the card says so', async () => {
    await fill(KEYS.good)
    await dialog().getByRole('button', { name: 'Add a header' }).click()
    await dialog().getByLabel('Name of header 1').fill('X-Team')
    await dialog().getByLabel('Value of header 1').fill('blue')
    await dialog().getByLabel('Headers that steps may send').fill('Helicone-User-Id, x-trace')
    await save().click()
    await dialog().waitFor({ state: 'hidden' })
    await page.getByRole('article', { name: 'Groq' }).getByText('Works').waitFor()
    expect(await list()).toMatchObject([
      {
        slug: 'groq',
        status: 'active',
        headerNames: ['X-Team', 'Authorization'],
        allowedHeaders: ['helicone-user-id', 'x-trace'],
      },
    ])
    expect(vendor.seen).toContain(`Bearer ${KEYS.good}`)
  })

  test('a rejected key is not saved, the vendor’s words are told, and the input stays', async () => {
    await fill(KEYS.wrong)
    await save().click()
    const alert = dialog().getByRole('alert')
    await alert.getByText('Key rejected').waitFor()
    expect(await alert.innerText()).toContain(REFUSAL)
    expect(await key().inputValue()).toBe(KEYS.wrong)
    expect(await list()).toEqual([])
    await key().fill(KEYS.good)
    await save().click()
    await dialog().waitFor({ state: 'hidden' })
  })

  test('a test says what came of it and saves nothing', async () => {
    await fill(KEYS.broke)
    await dialog().getByRole('button', { name: 'Test', exact: true }).click()
    await dialog().getByText('Out of credit').waitFor()
    await key().fill(KEYS.good)
    await dialog().getByRole('button', { name: 'Test', exact: true }).click()
    await dialog().getByText('It works').waitFor()
    expect(await list()).toEqual([])
  })

  test('what cannot be reached is saved when one says so', async () => {
    await fill(KEYS.good)
    await dialog().getByLabel('Base URL').fill('http://127.0.0.1:9')
    await save().click()
    await dialog().getByRole('alert').getByText('Unreachable').waitFor()
    await dialog().getByRole('button', { name: 'Save anyway' }).click()
    await dialog().waitFor({ state: 'hidden' })
    await page.getByRole('article', { name: 'Groq' }).getByText('Unreachable').waitFor()
    expect(await list()).toMatchObject([{ provider: 'groq', baseUrl: 'http://127.0.0.1:9' }])
  })

  test('an address that is not public is allowed by one click', async () => {
    await fill(KEYS.good)
    await dialog().getByLabel('Base URL').fill(vendor.url.replace('127.0.0.1', '127.0.0.2'))
    await save().click()
    await dialog()
      .getByRole('button', { name: /^Allow http:\/\/127\.0\.0\.2/ })
      .click()
    await dialog().getByRole('alert').getByText('Unreachable').waitFor()
    expect(
      await dialog()
        .getByRole('button', { name: /^Allow/ })
        .count(),
    ).toBe(0)
  })

  test('a second connection has a name of its own, and takes the place of none', async () => {
    await stored()
    await page.reload()
    await page.getByRole('button', { name: 'Add another connection of Groq' }).click()
    expect(await dialog().getByLabel('Unique short name').inputValue()).toBe('groq-2')
    await dialog().getByLabel('Unique short name').fill('groq')
    await dialog().getByText('There is a connection of this name already.').waitFor()
    await dialog().getByLabel('Unique short name').fill('groq-team')
    await key().fill(KEYS.good)
    await dialog().getByLabel('Base URL').fill(vendor.url)
    await save().click()
    await dialog().waitFor({ state: 'hidden' })
    expect((await list()).map(({ slug }) => slug).sort()).toEqual(['groq', 'groq-team'])
  })
})

describe('a connection', () => {
  test('is edited: the key stays where the host does, and is asked for again where it changes', async () => {
    await stored()
    await page.reload()
    await choose('Edit')
    await dialog().getByLabel('Name', { exact: false }).first().fill('Groq of the team')
    await dialog().getByRole('button', { name: 'Remove header X-Team' }).click()
    await dialog().getByLabel('Headers that steps may send').fill('x-portkey-custom-host')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().getByText('it can name the host that a gateway sends the credential to').waitFor()
    await dialog().getByLabel('Headers that steps may send').fill('x-trace')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().waitFor({ state: 'hidden' })
    const edited = { label: 'Groq of the team', headerNames: ['Authorization'], allowedHeaders: ['x-trace'] }
    expect(await list()).toMatchObject([edited])
    await choose('Edit')
    await dialog().getByLabel('Base URL').fill('http://127.0.0.1:9')
    await dialog().getByText('give the key again').waitFor()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().getByRole('alert').waitFor()
    expect(await list()).toMatchObject([{ baseUrl: vendor.url }])
  })

  test('is checked now', async () => {
    await stored(KEYS.wrong)
    await page.reload()
    await choose('Check now')
    await dialog().getByText('Key rejected').waitFor()
    await dialog().getByText(REFUSAL).waitFor()
    await page.keyboard.press('Escape')
    const rejected = page.getByRole('article', { name: 'Groq' }).getByText('Key rejected')
    await expect.poll(() => rejected.count()).toBe(1)
  })

  test('is deleted after it has said what stops', async () => {
    await stored()
    await page.reload()
    await choose('Delete')
    await dialog().getByText('stops working at once').waitFor()
    await dialog().getByText('No project has used it in the last 30 days.').waitFor()
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await dialog().waitFor({ state: 'hidden' })
    await choose('Delete')
    await dialog().getByRole('button', { name: 'Delete' }).click()
    await dialog().waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Connect Groq' }).waitFor()
    expect(await list()).toEqual([])
  })

  test('has a drill that starts, shows, and ends', async () => {
    await stored()
    await page.reload()
    await choose('Fault drill')
    await dialog().getByLabel('slow-first-token').check()
    await dialog().getByLabel('Delay in milliseconds').fill('700')
    await dialog().getByRole('button', { name: 'Start the drill' }).click()
    await dialog().getByText('A drill runs: slow-first-token').waitFor()
    await dialog().getByRole('button', { name: 'End the drill' }).click()
    await dialog().getByRole('button', { name: 'Start the drill' }).waitFor()
    expect(await dialog().getByText('A drill runs').count()).toBe(0)
  })

  test('is examined by the doctor, whose answers are a table', async () => {
    await stored()
    await page.reload()
    await choose('Doctor')
    await dialog().getByText('It was not examined').waitFor()
    await dialog().getByRole('button', { name: 'Examine now' }).click()
    const row = dialog().getByRole('row', { name: /Does it list its models\?/ })
    await row.waitFor({ timeout: 50_000 })
    expect(await row.innerText()).toContain('yes')
    expect(await dialog().getByRole('row').count()).toBe(10)
  })

  test.each([
    ['Delete', 'Delete'],
    ['Fault drill', 'Start the drill'],
    ['Doctor', 'Examine now'],
    ['Check now', undefined],
  ])('has a dialog that says what kept it from being done: %s', async (action, button) => {
    await stored()
    await page.reload()
    await page.route(/\/ai-providers\/groq/, (route) =>
      route.request().method() === 'GET' ? route.continue() : route.abort('connectionrefused'),
    )
    await choose(action)
    if (button) await dialog().getByRole('button', { name: button }).click()
    await dialog().getByRole('alert').getByText('The server does not answer.').waitFor()
    await page.unroute(/\/ai-providers\/groq/)
    if (button) await dialog().getByRole('button', { name: button }).waitFor()
    expect(await list()).toHaveLength(1)
  })

  test('that is gone meanwhile is told in the dialog', async () => {
    await stored()
    await page.reload()
    for (const action of ['Check now', 'Fault drill', 'Doctor', 'Delete', 'Edit']) {
      await page.getByRole('button', { name: /^What to do with/ }).waitFor()
      await choose(action)
      await page.keyboard.press('Escape')
      await dialog().waitFor({ state: 'hidden' })
    }
    await state.server.connections.remove('groq')
    await choose('Edit')
    await dialog().getByLabel('Name', { exact: false }).first().fill('Nobody')
    await dialog().getByRole('button', { name: 'Save' }).click()
    const alert = dialog()
      .getByRole('alert')
      .getByText(/no connection/i)
    await expect.poll(() => alert.count()).toBe(1)
  })
})
