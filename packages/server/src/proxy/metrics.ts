import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import type { PoolState } from '../platform/database/database.ts'

/** Metrics for Prometheus. Callers cannot choose the value of any label. */
export type Metrics = {
  /** Counts a call that has ended, if its connection was found. */
  readonly over: (provider: string, outcome: RelayOutcome) => void
  /** Counts a call that was refused earlier: no valid token, no such connection, not allowed. */
  readonly refused: (code: string) => void
  /** Renders the metrics in Prometheus' text format. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Sources of metrics that are read on demand. */
export type MetricSources = {
  readonly inFlight: () => number
  /** Undefined for the embedded database. */
  readonly pool: (() => PoolState) | undefined
}

/** In seconds: from a cached response to a model that reasons. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export function createMetrics({ inFlight, pool }: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const calls = new Counter({
    name: 'ai_proxy_calls_total',
    help: 'Proxied calls by provider, class of the status, how the call ended, and our error code.',
    labelNames: ['provider', 'status', 'end', 'code'],
    registers,
  })
  const refused = new Counter({
    name: 'ai_proxy_refused_total',
    help: 'Calls that were refused before a connection was found, by our error code.',
    labelNames: ['code'],
    registers,
  })
  const firstByte = new Histogram({
    name: 'ai_proxy_first_byte_seconds',
    help: "Time until the head of the vendor's response.",
    labelNames: ['provider'],
    buckets: BUCKETS,
    registers,
  })
  const totals = new Histogram({
    name: 'ai_proxy_total_seconds',
    help: 'Duration of a call, however it ended.',
    labelNames: ['provider'],
    buckets: BUCKETS,
    registers,
  })
  gauge(registry, 'ai_proxy_in_flight', 'Running proxied calls.', inFlight)
  if (pool) databaseGauge(registry, pool)

  // Labels are bound once, because every call ends here.
  const counterOf = memoize((key) => {
    const [provider = '', status = '', end = '', code = ''] = key.split(' ')
    return calls.labels(provider, status, end, code)
  })
  const firstByteOf = memoize((provider) => firstByte.labels(provider))
  const totalOf = memoize((provider) => totals.labels(provider))

  return {
    over(provider, { status, end, code, firstByte: ms, total }) {
      counterOf(`${provider} ${classOf(status)} ${END_LABELS[end]} ${code ?? ''}`).inc()
      if (ms !== undefined) firstByteOf(provider).observe(ms / 1000)
      totalOf(provider).observe(total / 1000)
    },
    refused: (code) => refused.labels(code).inc(),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/** Values of the label `end`. Dashboards depend on them. */
const END_LABELS: Record<RelayOutcome['end'], string> = {
  completed: 'whole',
  'upstream-aborted': 'cut',
  'client-aborted': 'left',
  failed: 'failed',
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}

function databaseGauge(registry: Registry, pool: () => PoolState): void {
  new Gauge({
    name: 'ai_database_connections',
    help: 'Connections to PostgreSQL that are busy or idle, and queries waiting for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { total, idle, waiting } = pool()
      this.set({ state: 'busy' }, total - idle)
      this.set({ state: 'idle' }, idle)
      this.set({ state: 'waiting' }, waiting)
    },
  })
}

function classOf(status: number | undefined): string {
  return status === undefined ? 'none' : `${Math.floor(status / 100)}xx`
}

function memoize<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>()
  return (key) => {
    const found = known.get(key) ?? make(key)
    known.set(key, found)
    return found
  }
}
