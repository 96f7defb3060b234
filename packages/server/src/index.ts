export { type Config, type LogLevel, loadConfig, type ProxyTimeouts } from './config.ts'
export type { Connections, Provider } from './connections/connections.ts'
export type { Pieces, PieceTable } from './pieces/pieces.ts'
export { type AiServer, createServer, type ServerOptions } from './server.ts'
