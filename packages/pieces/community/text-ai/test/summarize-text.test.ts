import { boundTokens } from '@activepieces/pieces-common'
import { beforeEach, describe, expect, it } from 'vitest'
import { summarizeOutput, textAi } from '../src/index.ts'
import { useVendor } from './vendor.ts'

let say = (_text: string): string => 'Short.'
const { apiUrl, asked } = await useVendor(({ messages }, response) => {
  const content = say(messages.at(-1)?.content ?? '')
  const reply = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'gpt-4o-2024-11-20',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
})

beforeEach(() => {
  say = () => 'Short.'
})

async function summarize(propsValue: object) {
  const action = textAi.getAction('summarize_text')
  if (!action) throw new Error('The piece has no Summarize Text.')
  // SAFETY: the action uses these parts of its context alone.
  const context = {
    propsValue: { provider: 'openai', model: 'gpt-4o', ...propsValue },
    server: { apiUrl, publicUrl: '', token: 'engine-token-1' },
  } as unknown as Parameters<typeof action.run>[0]
  return summarizeOutput.parse(await action.run(context))
}

const textsAsked = () => asked.map(({ messages }) => messages.at(-1)?.content ?? '')

/** Of gpt-4o. */
const CONTEXT = 128_000
const LONG = Array.from({ length: 25_000 }, (_, place) => `Sentence ${place} is one of many. `).join('') // 150,000 words

describe('Summarize Text', () => {
  it('reads a text that is too long in parts that fit, and loses nothing of it', async () => {
    const { parts, usage } = await summarize({ text: LONG, split: true, instructions: 'One word.' })
    expect(parts).toBeGreaterThan(2)
    expect(textsAsked().slice(0, parts).join('') === LONG).toBe(true) // a failure of toBe would print it
    for (const { messages } of asked) {
      expect(messages.reduce((sum, { content }) => sum + boundTokens(content).most, 0)).toBeLessThan(CONTEXT * 0.76)
      expect(messages[0]?.content).toMatch(/One word\.$/)
    }
    expect(textsAsked().slice(parts)).toEqual([Array(parts).fill('Short.').join('\n\n')])
    expect(usage.promptTokens).toBe(9 * (parts + 1))
  })

  it('summarizes the summaries again until they fit', async () => {
    say = (text) => text.slice(0, text.length / 3)
    const { parts } = await summarize({ text: LONG.repeat(3), split: true })
    expect(asked.length).toBeGreaterThan(parts + 1)
  })

  it('ends when the summaries get no shorter, with both numbers and what helps', async () => {
    say = (text) => text
    await expect(summarize({ text: LONG, split: true })).rejects.toThrow(
      /up to [\d,]+ tokens together, more than the [\d,]+ that are read at once.*"Instructions"/,
    )
    const rounds = textsAsked().join('').length / LONG.length
    expect(rounds).toBe(1)
  })

  it('says what it could do with a text that is too long', async () => {
    await expect(summarize({ text: LONG })).rejects.toThrow(
      /^openai: The text has at least 1[\d,]+ tokens; gpt-4o accepts 128,000\. With "Split long texts" it is read in parts\./,
    )
    expect(asked.length).toBe(0)
  })

  it('sends Arabic and emoji that may fit, and refuses what cannot', async () => {
    const text = 'يولد جميع الناس أحرارا 👋🏽 '
    await summarize({ text: text.repeat(15_000) })
    expect(textsAsked()[0] === text.repeat(15_000)).toBe(true)
    await expect(summarize({ text: text.repeat(40_000) })).rejects.toThrow('gpt-4o accepts 128,000')
    expect(asked.length).toBe(1)
  })

  it('an instruction that takes all the room is refused', async () => {
    const instructions = 'word '.repeat(130_000)
    await expect(summarize({ text: 'Short.', split: true, instructions })).rejects.toThrow('gpt-4o accepts 128,000')
    expect(asked.length).toBe(0)
  })
})
