export type { Capability, ConformanceOptions, KnownGap } from './check.ts'
export { describeAiProvider } from './describe-ai-provider.ts'
export { OPTIONS } from './options.ts'
export { type Exchange, loadExchanges } from './recordings/exchanges.ts'
export { isStream } from './recordings/expected.ts'
export {
  chatProviderOf,
  expectationOf,
  modelFor,
  providerOf,
  type Replay,
  type ReplayTarget,
  recordedReply,
  replayAll,
} from './recordings/replay.ts'
export { type Cut, startReplayServer } from './recordings/replay-server.ts'
