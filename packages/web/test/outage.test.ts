import { once } from 'node:events'
import { ADMIN_KEY, ANSWER, choose, openPage, signIn, startConsole } from '@activepieces/test-support/console'
import { killProcesses, startProcess } from '@activepieces/test-support/process'
import type {} from '@activepieces/test-support/provided-context'
import { afterAll, expect, inject, test } from 'vitest'

const { state } = startConsole()
afterAll(killProcesses)

test('a server that is killed while a step answers and a dialog is open costs no input; when it is back one goes on', async () => {
  const { dataDir } = state
  const env = {
    AP_DATA_DIR: `${dataDir}/of-the-process`,
    AP_ADMIN_KEY: ADMIN_KEY,
    AP_CONSOLE_DIR: inject('consoleDir'),
    AP_ALLOWED_ORIGINS: 'http://127.0.0.1:*',
  }
  const first = await startProcess(env)
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ provider: 'openai', apiKey: 'sk-known-value-0123456789', baseUrl: state.emulator.url })
  expect((await fetch(`${first.url}/api/v1/ai-providers`, { method: 'POST', headers, body })).status).toBe(200)

  const step = await openPage(state.browser, `${first.url}/step`)
  await signIn(step)
  await choose(step, 'Provider', 'OpenAI')
  await choose(step, 'Model', 'gpt-5.4')
  const prompt = step.getByRole('textbox', { name: 'Prompt', exact: true })
  await prompt.fill('What is a piece?')
  const dialogPage = await openPage(state.browser, `${first.url}/providers`)
  await signIn(dialogPage)
  await dialogPage.getByRole('button', { name: 'Connect Groq' }).click()
  const dialog = dialogPage.getByRole('dialog')
  await dialog.getByLabel('API key').fill('gsk-known-value-0123456789')
  await dialog.getByLabel('Base URL').fill(state.emulator.url)

  // A slow vendor: the first words are there, the last ones never come.
  state.emulator.prependFixture({
    match: { userMessage: /piece/ },
    response: { content: ANSWER.repeat(20) },
    latency: 300,
  })
  await step.getByRole('button', { name: 'Run', exact: true }).click()
  await step.getByRole('paragraph').filter({ hasText: 'A piece is' }).waitFor()
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')

  await step.getByRole('alert').getByText('The connection to the server broke before the run was over.').waitFor()
  expect(await step.getByRole('paragraph').filter({ hasText: 'A piece is' }).count()).toBe(1)
  await step.getByRole('button', { name: 'Run', exact: true }).click()
  await step.getByRole('alert').getByText('The server does not answer.').waitFor()
  expect(await prompt.inputValue()).toBe('What is a piece?')
  await dialog.getByRole('button', { name: 'Test and save' }).click()
  await dialog.getByRole('alert').getByText('The server does not answer.').waitFor()
  expect(await dialog.getByLabel('API key').inputValue()).toBe('gsk-known-value-0123456789')

  state.emulator.clearFixtures()
  state.emulator.on({ predicate: () => true }, { content: ANSWER })
  await startProcess({ ...env, PORT: new URL(first.url).port })
  await step.getByRole('button', { name: 'Run', exact: true }).click()
  await step.getByText('Done').waitFor()
  await dialog.getByRole('button', { name: 'Test and save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await dialogPage.getByRole('article', { name: 'Groq' }).getByText('Works').waitFor()
})
