/** The streams of the proxy rows: so many pieces, so many milliseconds apart. */
export const PIECES = 50
export const PAUSE = 40
