import { estimateTokens } from '@activepieces/pieces-common'

/**
 * Splits a text into parts of so many tokens at most, where it can between paragraphs, else between sentences, else between
 * words; nothing of it is lost.
 */
export function splitText(text: string, mostTokens: number): string[] {
  const parts: string[] = []
  let part = ''
  for (const piece of piecesOf(text, mostTokens, SEAMS)) {
    if (part !== '' && estimateTokens(part + piece) > mostTokens) {
      parts.push(part)
      part = ''
    }
    part += piece
  }
  return part === '' ? parts : [...parts, part]
}

/** After a blank line, a line, a sentence, a word. */
const SEAMS: readonly RegExp[] = [/(?<=\n\s*\n)/, /(?<=\n)/, /(?<=[.!?。！？؟]\s)/, /(?<=\s)/]

function piecesOf(text: string, most: number, [seam, ...finer]: readonly RegExp[]): string[] {
  if (estimateTokens(text) <= most) return [text]
  if (!seam) return halves(text, most)
  return text.split(seam).flatMap((piece) => piecesOf(piece, most, finer))
}

/** One word without an end: between characters. */
function halves(text: string, most: number): string[] {
  const characters = [...text]
  const size = Math.max(1, Math.floor(most))
  const count = Math.ceil(characters.length / size)
  return Array.from({ length: count }, (_, place) => characters.slice(place * size, (place + 1) * size).join(''))
}
