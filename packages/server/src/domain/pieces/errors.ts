import { type PieceError, pieceError } from '@activepieces/contract'

/** Invalid input of a piece, found before it runs. */
export class InputError extends Error {
  readonly code = 'invalid-input'
  readonly actor = 'flow-author'
  readonly remedy = 'Change the property that the message names.'
}

/** Converts anything that was thrown: its message and the public fields of an AIError, whatever its class. */
export function toPieceError(thrown: unknown): PieceError {
  if (typeof thrown !== 'object' || thrown === null) return { message: String(thrown) }
  const fields: Record<string, unknown> = { message: 'The piece failed without saying why.' }
  for (const [name, schema] of Object.entries(pieceError.shape)) {
    const value = Reflect.get(thrown, name)
    if (value !== undefined && schema.safeParse(value).success) fields[name] = value
  }
  return pieceError.parse(fields)
}
