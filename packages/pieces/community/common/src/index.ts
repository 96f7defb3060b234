export * from './lib/ai/index.ts'
