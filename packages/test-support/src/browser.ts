import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core'

export const ADMIN_KEY = 'admin-key-of-the-tests-0123456789'

/** Of the browser's own flags those that hold in a container; its default set trades too much for Lambda. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--headless=new']

export const launchBrowser = async (): Promise<Browser> =>
  playwright.launch({ executablePath: await chromium.executablePath(), args: FLAGS })

/** A page in a context of its own. */
export async function openPage(browser: Browser, url: string, how: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 860 }, ...how })
  const page = await context.newPage()
  page.setDefaultTimeout(45_000)
  await page.goto(url)
  return page
}

/** Chooses in a dropdown as soon as it has its options. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label }).and(page.locator(':enabled')).click()
  await page.getByRole('option', { name: option, exact: typeof option === 'string' }).click()
}

/** Through the sign-in screen, as a person. */
export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Admin key').fill(ADMIN_KEY)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'Sign in' }).waitFor()
}
