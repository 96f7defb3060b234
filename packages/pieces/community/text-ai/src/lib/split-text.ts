import { boundTokens } from '@activepieces/pieces-common'

/**
 * Splits a text into parts of so many tokens at most, where it can between paragraphs, else between sentences, else between
 * words; nothing of it is lost.
 */
export function splitText(text: string, mostTokens: number): string[] {
  const parts: string[] = []
  let pieces: string[] = []
  let tokens = 0
  for (const piece of piecesOf(text, mostTokens, SEAMS)) {
    // What is counted apart is never less than what is counted together.
    const more = boundTokens(piece).most
    if (pieces.length > 0 && tokens + more > mostTokens) {
      parts.push(pieces.join(''))
      pieces = []
      tokens = 0
    }
    pieces.push(piece)
    tokens += more
  }
  return pieces.length === 0 ? parts : [...parts, pieces.join('')]
}

type Seam = (text: string) => Iterable<string>

/** After a blank line, a line, a sentence, a word; one word without an end between its characters. */
const SEAMS: readonly Seam[] = [
  (text) => text.match(/[\s\S]*?\n\s*\n|[\s\S]+$/g) ?? [],
  (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [],
  (text) => text.match(/[^.!?。！？؟]*[.!?。！？؟]+\s*|[^.!?。！？؟]+$/g) ?? [],
  (text) => text.match(/\S*\s+|\S+$/g) ?? [],
  graphemes,
]

function* piecesOf(text: string, most: number, [seam, ...finer]: readonly Seam[]): Generator<string> {
  if (text === '') return
  if (!seam || boundTokens(text).most <= most) yield text
  else for (const piece of seam(text)) yield* piecesOf(piece, most, finer)
}

/** An emoji of several signs, a letter with its marks: each stays whole. */
function* graphemes(text: string): Generator<string> {
  for (const { segment } of new Intl.Segmenter().segment(text)) yield segment
}
