import { boundTokens } from '@activepieces/pieces-common'
import { beforeEach, describe, expect, it } from 'vitest'
import { summarizeOutput, textAi } from '../src/index.ts'
import { useVendor } from './vendor.ts'

let summaryOf = (_text: string): string => 'Short.'
const { apiUrl, requests } = await useVendor(({ messages }, response) => {
  const content = summaryOf(messages.at(-1)?.content ?? '')
  const completion = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'gpt-4o-2024-11-20',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion))
})

beforeEach(() => {
  summaryOf = () => 'Short.'
})

async function summarize(propsValue: object) {
  const action = textAi.getAction('summarize_text')
  if (!action) throw new Error('The piece does not have the action summarize_text.')
  // SAFETY: the action uses only these parts of its context.
  const context = {
    propsValue: { provider: 'openai', model: 'gpt-4o', ...propsValue },
    server: { apiUrl, publicUrl: '', token: 'engine-token-1' },
  } as unknown as Parameters<typeof action.run>[0]
  return summarizeOutput.parse(await action.run(context))
}

const lastMessages = () => requests.map(({ messages }) => messages.at(-1)?.content ?? '')

/** Context window of gpt-4o, in tokens. */
const CONTEXT_TOKENS = 128_000
const LONG = Array.from({ length: 25_000 }, (_, place) => `Sentence ${place} is one of many. `).join('') // 150,000 words

describe('Summarize Text', () => {
  it('summarizes a long text in parts that fit and loses no characters', async () => {
    const { parts, usage } = await summarize({ text: LONG, split: true, instructions: 'One word.' })
    expect(parts).toBeGreaterThan(2)
    expect(lastMessages().slice(0, parts).join('') === LONG).toBe(true) // so that a failure does not print the whole text
    for (const { messages } of requests) {
      expect(messages.reduce((sum, { content }) => sum + boundTokens(content).most, 0)).toBeLessThan(
        CONTEXT_TOKENS * 0.76,
      )
      expect(messages[0]?.content).toMatch(/One word\.$/)
    }
    expect(lastMessages().slice(parts)).toEqual([Array(parts).fill('Short.').join('\n\n')])
    expect(usage.promptTokens).toBe(9 * (parts + 1))
  })

  it('summarizes the summaries again until they fit', async () => {
    summaryOf = (text) => text.slice(0, text.length / 3)
    const { parts } = await summarize({ text: LONG.repeat(3), split: true })
    expect(requests.length).toBeGreaterThan(parts + 1)
  })

  it('fails when the summaries do not get shorter, and names the limit and the remedy', async () => {
    summaryOf = (text) => text
    await expect(summarize({ text: LONG, split: true })).rejects.toThrow(
      /up to [\d,]+ tokens, more than the [\d,]+ that fit one call.*"Instructions"/,
    )
    const rounds = lastMessages().join('').length / LONG.length
    expect(rounds).toBe(1)
  })

  it('suggests splitting a text that is too long', async () => {
    await expect(summarize({ text: LONG })).rejects.toThrow(
      /^openai: The text has at least 1[\d,]+ tokens; gpt-4o accepts 128,000\. Select "Split Long Text" to summarize it in parts\./,
    )
    expect(requests.length).toBe(0)
  })

  it('sends Arabic and emoji that may fit, and refuses a text that cannot fit', async () => {
    const text = 'يولد جميع الناس أحرارا 👋🏽 '
    await summarize({ text: text.repeat(15_000) })
    expect(lastMessages()[0] === text.repeat(15_000)).toBe(true)
    await expect(summarize({ text: text.repeat(40_000) })).rejects.toThrow('gpt-4o accepts 128,000')
    expect(requests.length).toBe(1)
  })

  it('refuses instructions that fill the context window', async () => {
    const instructions = 'word '.repeat(130_000)
    await expect(summarize({ text: 'Short.', split: true, instructions })).rejects.toThrow('gpt-4o accepts 128,000')
    expect(requests.length).toBe(0)
  })
})
