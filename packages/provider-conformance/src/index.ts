export type { Capability, ConformanceOptions, KnownGap } from './check.ts'
export { describeAiProvider } from './describe-ai-provider.ts'
export { OPTIONS } from './options.ts'
export { type Exchange, loadExchanges } from './recorded/exchanges.ts'
export { isStream } from './recorded/expected.ts'
export {
  chatProviderOf,
  expectationOf,
  modelFor,
  providerOf,
  type Replay,
  type ReplayTarget,
  recordedReply,
  replayAll,
} from './recorded/replay.ts'
export { type Cut, startReplayServer } from './recorded/replay-server.ts'
