import type { AIChatMessage } from '../contract/chat.ts'
import { AIError } from '../errors/ai-error.ts'

/**
 * Returns bounds for the number of tokens of a text, because every model counts differently. Measured with o200k and cl100k
 * on prose, code and data, and widened for vocabularies that are not public.
 *
 * @returns `least`: no known model counts fewer; `most`: no ordinary text has more in any of them
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

/** Tokens per character; `word`: a word has at least one, whatever its length. */
type Kind = { readonly least: number | 'word'; readonly most: number }

const SPACE: Kind = { least: 0, most: 1 }
const APOSTROPHE: Kind = { least: 0, most: 1 }
const CURLY: Kind = { least: 0, most: 3 }
const MARK: Kind = { least: 0, most: 1 }
const SYMBOL: Kind = { least: 0, most: 3 }
const word = (most: number): Kind => ({ least: 'word', most })

/** No vocabulary has longer words. */
const LONG_WORD = 24

/** Kinds by upper bound of a Unicode range; the first match counts. */
const KINDS: readonly (readonly [upTo: number, kind: Kind])[] = [
  [0x20, SPACE],
  [0x26, MARK],
  [0x27, APOSTROPHE],
  [0x2f, MARK],
  [0x39, { least: 0.3, most: 1 }], // digits
  [0x40, MARK],
  [0x5a, word(1)], // capitals: mostly in identifiers
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

/** A space before a word is part of its token, and a run of spaces has few tokens. */
function mostOfSpace(before: Kind, next: number): number {
  if (before === SPACE) return 0.25
  return (ASCII[next] ?? OTHER).least === 'word' || next > 0x7f ? 0 : SPACE.most
}

/** Returns the context window of a model from `@pydantic/genai-prices`; undefined if the model is unknown. */
export async function contextWindowOf(provider: string, model: string): Promise<number | undefined> {
  const { calcPrice } = await import('@pydantic/genai-prices')
  const providerId = provider.split('@', 1)[0] ?? provider
  return calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { providerId })?.model.context_window
}

/**
 * Rejects messages that cannot fit into the model's context, before anything is sent. If they might fit, the vendor decides.
 *
 * @param hint a sentence on what the step offers for long texts
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
  const numbers = `The text has at least ${tokens.toLocaleString('en')} tokens; ${model} accepts ${limit.toLocaleString('en')}.`
  throw new AIError({ code: 'context-length', message: [numbers, hint ?? []].flat().join(' '), provider, model })
}

function textOf({ content }: AIChatMessage): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}
