/** Where everything is; the segments with a colon are parameters. */
export const ROUTES = {
  aiProviders: '/api/v1/ai-providers',
  aiProvider: '/api/v1/ai-providers/:idOrSlug',
  catalogue: '/api/v1/ai-providers/catalogue',
  proxy: '/api/v1/ai-providers/proxy',
  allowedOrigins: '/api/v1/allowed-origins',
  drill: '/api/v1/ai-providers/:slug/drill',
  engineTokens: '/api/v1/engine-tokens',
  storeEntries: '/api/v1/store-entries',
  pieces: '/api/v1/pieces',
  runPiece: '/api/v1/pieces/:piece/actions/:action/run',
  pieceOptions: '/api/v1/pieces/:piece/actions/:action/options',
  health: '/health',
  docs: '/docs',
  logo: '/logos/:file',
} as const
