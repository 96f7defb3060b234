import type { Piece as FrameworkPiece, InputProperty } from '@activepieces/pieces-framework'

/** Describes a piece as plain data, without functions and without its name, which the server sets. */
export function describePiece(piece: FrameworkPiece) {
  return {
    displayName: piece.displayName,
    description: piece.description,
    logoUrl: piece.logoUrl,
    actions: Object.values(piece.actions()).map(({ name, displayName, description, props }) => ({
      name,
      displayName,
      description,
      props: Object.fromEntries(Object.entries<InputProperty>(props).map(([key, property]) => [key, plain(property)])),
    })),
  }
}

function plain(property: InputProperty): Record<string, unknown> {
  const { valueSchema: _typeOnly, ...shown }: Record<string, unknown> = { ...property, auth: undefined }
  return JSON.parse(JSON.stringify(shown))
}
