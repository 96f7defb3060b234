import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import type { PoolState } from '../platform/database/database.ts'

/** Figures for Prometheus. No label has values that callers choose. */
export type Metrics = {
  /** A call that went as far as its connection is over. */
  readonly over: (provider: string, outcome: RelayOutcome) => void
  /** A call was refused before: no valid token, no such connection, not allowed. */
  readonly refused: (code: string) => void
  /** In the text format of Prometheus. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Where figures are read from when somebody asks. */
export type MetricSources = {
  readonly inFlight: () => number
  /** Undefined for the embedded database. */
  readonly pool: (() => PoolState) | undefined
}

/** Seconds: of a cached reply, and of a model that thinks. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export function createMetrics({ inFlight, pool }: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const calls = new Counter({
    name: 'ai_proxy_calls_total',
    help: 'Proxied calls by provider, class of the status that the caller saw, how the call ended, and our own error code.',
    labelNames: ['provider', 'status', 'end', 'code'],
    registers,
  })
  const refused = new Counter({
    name: 'ai_proxy_refused_total',
    help: 'Calls that were refused before a connection was found, by our own error code.',
    labelNames: ['code'],
    registers,
  })
  const firstByte = new Histogram({
    name: 'ai_proxy_first_byte_seconds',
    help: "From when a call is passed on to the head of the vendor's reply.",
    labelNames: ['provider'],
    buckets: BUCKETS,
    registers,
  })
  const totals = new Histogram({
    name: 'ai_proxy_total_seconds',
    help: 'From when a call is passed on to its end, however it ended.',
    labelNames: ['provider'],
    buckets: BUCKETS,
    registers,
  })
  gauge(registry, 'ai_proxy_in_flight', 'Proxied calls that run.', inFlight)
  if (pool) databaseGauge(registry, pool)

  // Bound once for each set of labels: these stand after every call.
  const counterOf = remembered((key) => {
    const [provider = '', status = '', end = '', code = ''] = key.split(' ')
    return calls.labels(provider, status, end, code)
  })
  const firstByteOf = remembered((provider) => firstByte.labels(provider))
  const totalOf = remembered((provider) => totals.labels(provider))

  return {
    over(provider, { status, end, code, firstByte: ms, total }) {
      counterOf(`${provider} ${classOf(status)} ${end} ${code ?? ''}`).inc()
      if (ms !== undefined) firstByteOf(provider).observe(ms / 1000)
      totalOf(provider).observe(total / 1000)
    },
    refused: (code) => refused.labels(code).inc(),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
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
    help: 'Connections to PostgreSQL that are busy or idle, and queries that wait for one.',
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

function remembered<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>()
  return (key) => {
    const found = known.get(key) ?? make(key)
    known.set(key, found)
    return found
  }
}
