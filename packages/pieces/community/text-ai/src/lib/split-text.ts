import { boundTokens } from '@activepieces/pieces-common'

/**
 * Splits a text into parts of at most `maxTokens` tokens: between paragraphs if possible, then lines, sentences, words
 * and characters. The joined parts equal the text.
 */
export function splitText(text: string, maxTokens: number): string[] {
  const parts: string[] = []
  let pieces: string[] = []
  let tokens = 0
  for (const piece of splitAt(text, maxTokens, SEPARATORS)) {
    // Adding up the upper bounds is safe: their sum is never below the bound of the joined text.
    const pieceTokens = boundTokens(piece).most
    if (pieces.length > 0 && tokens + pieceTokens > maxTokens) {
      parts.push(pieces.join(''))
      pieces = []
      tokens = 0
    }
    pieces.push(piece)
    tokens += pieceTokens
  }
  return pieces.length === 0 ? parts : [...parts, pieces.join('')]
}

type Separator = (text: string) => Iterable<string>

/** Coarsest first: after a blank line, a line, a sentence, a word, a character. */
const SEPARATORS: readonly Separator[] = [
  (text) => text.match(/[\s\S]*?\n\s*\n|[\s\S]+$/g) ?? [],
  (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [],
  (text) => text.match(/[^.!?。！？؟]*[.!?。！？؟]+\s*|[^.!?。！？؟]+$/g) ?? [],
  (text) => text.match(/\S*\s+|\S+$/g) ?? [],
  graphemes,
]

function* splitAt(text: string, maxTokens: number, [separate, ...finer]: readonly Separator[]): Generator<string> {
  if (text === '') return
  if (!separate || boundTokens(text).most <= maxTokens) yield text
  else for (const piece of separate(text)) yield* splitAt(piece, maxTokens, finer)
}

/** Keeps an emoji of several code points, or a letter with combining marks, in one piece. */
function* graphemes(text: string): Generator<string> {
  for (const { segment } of new Intl.Segmenter().segment(text)) yield segment
}
