/** A piece of text or of reasoning. */
type Piece = { type: 'text-delta' | 'reasoning-delta'; text: string }

/** Separates `<think>…</think>` at the start of a text from the rest, across chunks. */
export type ThinkSplitter = { push: (text: string) => Piece[]; end: () => Piece[] }

const OPEN = '<think>'
const CLOSE = '</think>'

export function createThinkSplitter(): ThinkSplitter {
  let state: 'start' | 'thinking' | 'after' | 'text' = 'start'
  let held = ''

  function step(): Piece | undefined {
    if (state === 'start') return begin()
    if (state === 'thinking') return thought()
    const text = state === 'after' ? held.trimStart() : held
    held = ''
    if (text === '') return undefined
    state = 'text'
    return { type: 'text-delta', text }
  }

  /** Waits until it is clear whether the text starts with the tag. */
  function begin(): Piece | undefined {
    const head = held.trimStart()
    const mayOpen = head.length < OPEN.length && OPEN.startsWith(head)
    if (mayOpen && (head !== '' || held.length < OPEN.length)) return undefined
    state = head.startsWith(OPEN) ? 'thinking' : 'text'
    if (state === 'thinking') held = head.slice(OPEN.length)
    return { type: 'text-delta', text: '' }
  }

  /** Returns everything before the closing tag, or before its possible start. */
  function thought(): Piece | undefined {
    const close = held.indexOf(CLOSE)
    const upTo = close >= 0 ? close : held.length - overlap(held, CLOSE)
    const text = held.slice(0, upTo)
    held = held.slice(close >= 0 ? close + CLOSE.length : upTo)
    if (close >= 0) state = 'after'
    return text === '' && close < 0 ? undefined : { type: 'reasoning-delta', text }
  }

  return {
    push(text) {
      held += text
      const pieces: Piece[] = []
      for (let piece = step(); piece; piece = step()) if (piece.text !== '') pieces.push(piece)
      return pieces
    },
    end() {
      const text = held
      held = ''
      if (text === '') return []
      return [{ type: state === 'thinking' ? 'reasoning-delta' : 'text-delta', text }]
    },
  }
}

/** Returns how many characters at the end of the text may be the start of the tag. */
function overlap(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length
  }
  return 0
}
