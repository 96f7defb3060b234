import type { Piece as FrameworkPiece, InputProperty } from '@activepieces/pieces-framework'

/** A piece as plain data, without its name, which is the server's to give. Functions fall away. */
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
