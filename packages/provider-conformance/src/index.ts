export { type Exchange, loadExchanges, recordingsFolder } from './recorded/exchanges.ts'
export { type Replay, type ReplayTarget, replayAll } from './recorded/replay.ts'
export { type Cut, startReplayServer } from './recorded/replay-server.ts'
