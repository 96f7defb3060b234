import type { AIChatMessage } from '../contract/chat.ts'
import { AIError } from '../errors/ai-error.ts'

/**
 * How many tokens a text has: every model counts in its own way, and these are bounds of what they count. Measured with
 * o200k and cl100k on prose, code and data, and widened for the vocabularies that are not public.
 *
 * @returns `least`: no model is known to count fewer. `most`: no text of a usual kind has more, in any of them
 */
export function boundTokens(text: string): { least: number; most: number } {
  let [least, most] = [0, 0]
  let before: Kind = SPACE
  let letters = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    const kind = ASCII[unit] ?? kindOf(text.codePointAt(at) ?? unit)
    if (kind.least === 'word') {
      letters++
      if (letters === 1) least += 1
      else if (letters > LONG_WORD) least += 0.08
    } else {
      least += kind.least
      if (kind !== APOSTROPHE && kind !== CURLY) letters = 0
    }
    most += kind === SPACE ? mostOfSpace(before, text.charCodeAt(at + 1)) : kind.most
    before = kind
    if (unit >= 0xd800 && unit < 0xdc00) at++
  }
  return { least: Math.ceil(least), most: Math.ceil(most) }
}

/** Tokens of one character; `word`: a word has one at least, however long it is. */
type Kind = { readonly least: number | 'word'; readonly most: number }

const SPACE: Kind = { least: 0, most: 1 }
const APOSTROPHE: Kind = { least: 0, most: 1 }
const CURLY: Kind = { least: 0, most: 3 }
const MARK: Kind = { least: 0, most: 1 }
const SYMBOL: Kind = { least: 0, most: 3 }
const word = (most: number): Kind => ({ least: 'word', most })

/** A word of more letters is no word of any vocabulary. */
const LONG_WORD = 24

/** By Unicode range: the first row that reaches so far. */
const KINDS: readonly (readonly [upTo: number, kind: Kind])[] = [
  [0x20, SPACE],
  [0x26, MARK],
  [0x27, APOSTROPHE],
  [0x2f, MARK],
  [0x39, { least: 0.3, most: 1 }], // digits
  [0x40, MARK],
  [0x5a, word(1)], // capitals: mostly in codes
  [0x60, MARK],
  [0x7a, word(0.55)],
  [0x7f, MARK],
  [0xa0, SPACE],
  [0xbf, { least: 0, most: 2 }],
  [0x24f, word(1.2)], // Latin letters with marks
  [0x36f, word(2)],
  [0x3ff, word(1.2)], // Greek
  [0x52f, word(0.8)], // Cyrillic
  [0x7ff, word(1.4)], // Armenian, Hebrew, Arabic
  [0xdff, word(2)], // scripts of India
  [0xeff, { least: 0.2, most: 1.6 }], // Thai, Lao
  [0x10ff, { least: 0.1, most: 3 }],
  [0x11ff, word(1.6)],
  [0x1dff, { least: 0.1, most: 3 }],
  [0x1eff, word(1.6)], // Vietnamese
  [0x1fff, word(2)], // old Greek
  [0x2018, SYMBOL],
  [0x2019, CURLY],
  [0x2fff, SYMBOL], // punctuation, arrows, boxes
  [0x30ff, { least: 0.3, most: 1.5 }], // kana
  [0x33ff, SYMBOL],
  [0x4dbf, { least: 0.5, most: 4 }],
  [0x9fff, { least: 0.4, most: 2.3 }], // Chinese characters
  [0xabff, { least: 0.1, most: 3 }],
  [0xd7ff, word(1.6)], // Hangul
  [0xfe0f, SYMBOL],
  [0x1ffff, { least: 0.3, most: 4 }], // emoji
]

const OTHER: Kind = { least: 0.5, most: 4 }

function kindOf(codePoint: number): Kind {
  for (const [upTo, kind] of KINDS) if (codePoint <= upTo) return kind
  return OTHER
}

const ASCII = Array.from({ length: 128 }, (_, unit) => kindOf(unit))

/** A space before a word is a part of it, and a run of spaces is few tokens. */
function mostOfSpace(before: Kind, next: number): number {
  if (before === SPACE) return 0.25
  return (ASCII[next] ?? OTHER).least === 'word' || next > 0x7f ? 0 : SPACE.most
}

/** How many tokens a model takes in all, by a table that others keep up; undefined where it does not know the model. */
export async function contextWindowOf(provider: string, model: string): Promise<number | undefined> {
  const { calcPrice } = await import('@pydantic/genai-prices')
  const providerId = provider.split('@', 1)[0] ?? provider
  return calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { providerId })?.model.context_window
}

/**
 * Refuses messages whose texts cannot fit into the model's context, before anything is sent. What might fit is left to the
 * vendor to judge: its count is the one that holds.
 *
 * @param hint what the step itself offers for long texts, as a sentence
 * @throws AIError `context-length`, with both numbers
 */
export async function checkLength(
  messages: readonly AIChatMessage[],
  { provider, model, hint }: { provider: string; model: string; hint?: string | undefined },
): Promise<void> {
  const limit = await contextWindowOf(provider, model)
  if (limit === undefined) return
  const tokens = messages.reduce((total, message) => total + boundTokens(textOf(message)).least, 0)
  if (tokens <= limit) return
  const numbers = `The text has ${tokens.toLocaleString('en')} tokens at least; ${model} takes ${limit.toLocaleString('en')}.`
  throw new AIError({ code: 'context-length', message: [numbers, hint ?? []].flat().join(' '), provider, model })
}

function textOf({ content }: AIChatMessage): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}
