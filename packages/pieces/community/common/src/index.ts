export * from './lib/ai/index.ts'
export * from './lib/ai/pieces/index.ts'
