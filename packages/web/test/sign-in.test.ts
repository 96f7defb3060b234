import { ADMIN_KEY, signIn, startConsole } from '@activepieces/test-support/console'
import { describe, expect, test } from 'vitest'

const { open, state } = startConsole()

describe('signing in', () => {
  test('a wrong key is refused in the server’s words, stays typed, and the right one opens the console', async () => {
    const page = await open()
    await page.getByLabel('Admin key').fill('a-wrong-key-0123456789')
    await page.keyboard.press('Enter')
    await page.getByText('The admin key is not valid on this server.').waitFor()
    expect(await page.getByLabel('Admin key').inputValue()).toBe('a-wrong-key-0123456789')
    await signIn(page)
    expect(await page.title()).toBe('AI providers – AI providers')
    await page.reload()
    await page.getByRole('heading', { name: 'AI providers', level: 1 }).waitFor()
  })

  test('the session is a cookie that no script reads, and the key is nowhere in the browser', async () => {
    const page = await open()
    await signIn(page)
    const seen = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }))
    expect(seen).not.toContain(ADMIN_KEY)
    expect(seen).not.toContain('ap_session')
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: 'ap_session', httpOnly: true, sameSite: 'Strict' })
  })

  test('signing out leads to the first screen', async () => {
    const page = await open()
    await signIn(page)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Admin key').waitFor()
    await page.goto(`${state.url}/usage`)
    await page.getByLabel('Admin key').waitFor()
    expect(await page.context().cookies()).toEqual([])
  })

  test('nothing comes from another host, and nothing is refused by the page’s own policy', async () => {
    const page = await open()
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
    await signIn(page)
    await page.goto(`${state.url}/step`)
    await page.getByRole('heading', { name: 'Try a step' }).waitFor()
    expect(new Set(asked)).toEqual(new Set([state.url]))
    expect(said.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([])
  })
})
