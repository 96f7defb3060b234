import { setTimeout } from 'node:timers/promises'
import type { AttributeValue, TextMapGetter } from '@opentelemetry/api'
import type { UsageRecord } from '../../domain/usage/record.ts'
import type { Log } from '../../platform/log.ts'
import type { MeteredCall } from '../meter.ts'
import type { ResponseNames } from './read-response.ts'

/** Spans of proxied calls, for an OpenTelemetry collector. */
export type Traces = {
  /** Records a client span for a metered call. It continues the trace of the caller's `traceparent`. */
  readonly over: (
    record: UsageRecord,
    call: Pick<MeteredCall, 'headers' | 'target'>,
    names: ResponseNames | undefined,
  ) => void
  /** Sends pending spans. Spans that the collector does not accept within two seconds are lost. */
  readonly close: () => Promise<void>
}

/**
 * Loads OpenTelemetry and sends spans by OTLP over HTTP. The exporter reads its headers and timeout from
 * `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_EXPORTER_OTLP_TIMEOUT`.
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
      const tooLate = setTimeout(CLOSE_TIMEOUT_MS, undefined, { signal: limit.signal }).then(() => {
        throw new Error(`The collector took longer than ${CLOSE_TIMEOUT_MS / 1000} seconds.`)
      })
      await Promise.race([provider.shutdown(), tooLate]).catch((err) =>
        log.warn({ err }, 'the last spans could not be sent'),
      )
      limit.abort()
      await tooLate.catch(() => undefined)
    },
  }
}

const NO_NAMES: ResponseNames = { id: undefined, finishReasons: [] }

/** How long a shutdown waits for the collector, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000

const HEADERS: TextMapGetter<MeteredCall['headers']> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => headers[name.toLowerCase()],
}

/** `chat gpt-4o`. */
function spanName({ operation, model }: UsageRecord): string {
  return model === null ? operation : `${operation} ${model}`
}

/** Provider names of the conventions, if they differ from the registry's. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'aws.bedrock',
  'azure-openai': 'azure.ai.openai',
  gemini: 'gcp.gemini',
  mistral: 'mistral_ai',
  xai: 'x_ai',
}

/** Null values are unknown and not sent. Contains no prompts, completions or error messages, which may quote them. */
function spanAttributes(
  record: UsageRecord,
  origin: string,
  { id, finishReasons }: ResponseNames,
): Record<string, AttributeValue | null> {
  const { hostname, port, protocol } = new URL(origin)
  return {
    'gen_ai.operation.name': record.operation,
    'gen_ai.provider.name': PROVIDER_NAMES[record.provider] ?? record.provider,
    'gen_ai.request.model': record.model,
    'gen_ai.response.id': (record.operation === 'chat' && id) || null,
    'gen_ai.response.model': record.responseModel,
    'gen_ai.response.finish_reasons': finishReasons.length > 0 ? [...finishReasons] : null,
    // The conventions count cached tokens as input and reasoning as output; our parts are disjoint.
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

/** Sums the counts; null if the first is null. */
function sum(first: number | null, ...more: readonly (number | null)[]): number | null {
  return first === null ? null : more.reduce<number>((total, one) => total + (one ?? 0), first)
}
