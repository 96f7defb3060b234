export * from './lib/ai/index.ts'
export * from './lib/piece/index.ts'
