import { setTimeout } from 'node:timers/promises'
import type { AttributeValue, TextMapGetter } from '@opentelemetry/api'
import type { UsageRecord } from '../../domain/usage/record.ts'
import type { Log } from '../../platform/log.ts'
import type { MeteredCall } from '../meter.ts'
import type { ReplyNames } from './read-reply.ts'

/** Spans of proxied calls, for an OpenTelemetry collector. */
export type Traces = {
  /** A metered call is over: one client span. It continues the trace of the caller's `traceparent`. */
  readonly over: (
    record: UsageRecord,
    call: Pick<MeteredCall, 'headers' | 'target'>,
    names: ReplyNames | undefined,
  ) => void
  /** What waits is sent, within two seconds; what the collector does not take by then is lost. */
  readonly close: () => Promise<void>
}

/**
 * Loads OpenTelemetry, which nothing else does, and sends spans by OTLP over HTTP. Headers and time limit of the exporter
 * are those of its own variables: `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TIMEOUT`.
 *
 * @param endpoint base URL of the collector, without `/v1/traces`
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export async function openTraces(endpoint: string, log: Pick<Log, 'warn'>): Promise<Traces> {
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode }, { W3CTraceContextPropagator }, sdk, { OTLPTraceExporter }, res] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/core'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` })
  const named = res.resourceFromAttributes({ 'service.name': process.env['OTEL_SERVICE_NAME'] ?? 'ai-provider-server' })
  const provider = new sdk.TracerProvider({
    resource: res.defaultResource().merge(named),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  })
  const tracer = provider.getTracer('ai-provider-server')
  const propagator = new W3CTraceContextPropagator()
  return {
    over(record, { headers, target }, names = NO_NAMES) {
      const parent = propagator.extract(ROOT_CONTEXT, headers, HEADERS)
      const end = record.at.getTime()
      const options = { kind: SpanKind.CLIENT, startTime: end - record.totalMs }
      const span = tracer.startSpan(spanName(record), options, parent)
      for (const [name, value] of Object.entries(spanAttributes(record, target.origin, names))) {
        if (value !== null) span.setAttribute(name, target.redactor.redactAll(value))
      }
      if (record.error !== null) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end(end)
    },
    async close() {
      const limit = new AbortController()
      const tooLate = setTimeout(CLOSE, undefined, { signal: limit.signal }).then(() => {
        throw new Error(`The collector took longer than ${CLOSE / 1000} seconds.`)
      })
      await Promise.race([provider.shutdown(), tooLate]).catch((err) =>
        log.warn({ err }, 'the last spans could not be sent'),
      )
      limit.abort()
      await tooLate.catch(() => undefined)
    },
  }
}

const NO_NAMES: ReplyNames = { id: undefined, finishReasons: [] }

/** How long the end of the server may wait for the collector, in milliseconds. */
const CLOSE = 2_000

const HEADERS: TextMapGetter<MeteredCall['headers']> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => headers[name.toLowerCase()],
}

/** `chat gpt-4o`. */
function spanName({ operation, model }: UsageRecord): string {
  return model === null ? operation : `${operation} ${model}`
}

/** Names of the conventions where they are others than the registry's. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'aws.bedrock',
  'azure-openai': 'azure.ai.openai',
  gemini: 'gcp.gemini',
  mistral: 'mistral_ai',
  xai: 'x_ai',
}

/** Null: unknown, and not sent. Nothing of what was asked or answered, and no words of an error: they may quote it. */
function spanAttributes(
  record: UsageRecord,
  origin: string,
  { id, finishReasons }: ReplyNames,
): Record<string, AttributeValue | null> {
  const { hostname, port, protocol } = new URL(origin)
  return {
    'gen_ai.operation.name': record.operation,
    'gen_ai.provider.name': PROVIDER_NAMES[record.provider] ?? record.provider,
    'gen_ai.request.model': record.model,
    'gen_ai.response.id': (record.operation === 'chat' && id) || null,
    'gen_ai.response.model': record.replyModel,
    'gen_ai.response.finish_reasons': finishReasons.length > 0 ? [...finishReasons] : null,
    // The conventions count what came from a cache as input, and thought as output; our parts are disjoint.
    'gen_ai.usage.input_tokens': sum(record.uncachedTokens, record.cacheReadTokens, record.cacheWriteTokens),
    'gen_ai.usage.cache_read.input_tokens': record.cacheReadTokens,
    'gen_ai.usage.cache_creation.input_tokens': record.cacheWriteTokens,
    'gen_ai.usage.output_tokens': sum(record.outputTokens, record.reasoningTokens),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'http.response.status_code': record.status,
    'error.type': record.error,
    'ai_proxy.connection': record.connection,
    'ai_proxy.project': record.projectId,
    'ai_proxy.request_id': record.requestId,
  }
}

/** Unknown when the first is. */
function sum(first: number | null, ...more: readonly (number | null)[]): number | null {
  return first === null ? null : more.reduce<number>((total, one) => total + (one ?? 0), first)
}
