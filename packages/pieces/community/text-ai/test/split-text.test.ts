import { boundTokens } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import { splitText } from '../src/lib/split-text.ts'

const TEXTS = {
  paragraphs: 'One sentence. And another one.\n\n'.repeat(400),
  'one long line': 'word '.repeat(5_000),
  arabic: 'مرحبا بالعالم. '.repeat(1_000),
  'one very long word': 'x'.repeat(20_000),
  emoji: '👩‍👩‍👧'.repeat(2_000),
  'combining marks': 'مُحَمَّدٌ'.repeat(2_000),
  chinese: '人人生而自由,在尊严和权利上一律平等。'.repeat(500),
  'blank lines': '\n \n'.repeat(20_000),
  spaces: ' '.repeat(20_000),
  numbers: '3.14,2.72\r\n'.repeat(2_000),
}

describe('splitText', () => {
  it.each(Object.entries(TEXTS))('splits %s into parts that fit and loses no characters', (_name, text) => {
    const parts = splitText(text, 500)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.join('')).toBe(text)
    for (const part of parts) expect(boundTokens(part).most).toBeLessThanOrEqual(500)
  })

  it('splits between paragraphs if possible', () => {
    for (const part of splitText(TEXTS.paragraphs, 500).slice(0, -1)) expect(part.endsWith('\n\n')).toBe(true)
  })

  it('does not split an emoji, or a letter from its combining marks', () => {
    for (const [text, sign] of [
      [TEXTS.emoji, '👩‍👩‍👧'],
      ['e\u0301'.repeat(5_000), 'e\u0301'],
    ] as const) {
      for (const part of splitText(text, 501)) expect(part.replaceAll(sign, '')).toBe('')
    }
  })

  it('returns a text that fits as one part', () => {
    expect(splitText('short', 500)).toEqual(['short'])
    expect(splitText('', 500)).toEqual([])
  })
})
