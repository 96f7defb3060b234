import { type Piece, pieceList } from '@activepieces/contract'
import { audioAi } from '@activepieces/piece-audio-ai'
import { imageAi } from '@activepieces/piece-image-ai'
import { textAi } from '@activepieces/piece-text-ai'
import { utilityAi } from '@activepieces/piece-utility-ai'

const PIECES = { 'audio-ai': audioAi, 'image-ai': imageAi, 'text-ai': textAi, 'utility-ai': utilityAi }

/** Returns the pieces that `npm run ask` can run, as the server describes them. */
export function readPieces(): Piece[] {
  const data = Object.entries(PIECES).map(([name, piece]) => {
    const actions = Object.values(piece.actions()).map(({ name, displayName, description, props }) => {
      return { name, displayName, description, props }
    })
    const { displayName, description, logoUrl } = piece
    return { name, displayName, description, logoUrl, actions }
  })
  return pieceList.parse(JSON.parse(JSON.stringify({ data }))).data
}
