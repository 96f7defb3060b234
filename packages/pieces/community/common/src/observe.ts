export * from './lib/ai/observe.ts'
