import { estimateTokens } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import { splitText } from '../src/lib/split-text.ts'

const TEXTS = {
  paragraphs: 'One sentence. And another one.\n\n'.repeat(400),
  'one long line': 'word '.repeat(5_000),
  arabic: 'مرحبا بالعالم. '.repeat(1_000),
  'a word without an end': 'x'.repeat(20_000),
  emoji: '👩‍👩‍👧'.repeat(2_000),
}

describe('a long text', () => {
  it.each(Object.entries(TEXTS))('of %s is split into parts that fit, and nothing of it is lost', (_name, text) => {
    const parts = splitText(text, 500)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.join('')).toBe(text)
    for (const part of parts) expect(estimateTokens(part)).toBeLessThanOrEqual(520)
  })

  it('is split between paragraphs where it can be', () => {
    for (const part of splitText(TEXTS.paragraphs, 500).slice(0, -1)) expect(part.endsWith('\n\n')).toBe(true)
  })

  it('that fits stays whole', () => {
    expect(splitText('short', 500)).toEqual(['short'])
    expect(splitText('', 500)).toEqual([])
  })
})
