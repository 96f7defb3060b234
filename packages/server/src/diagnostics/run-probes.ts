import {
  AI,
  type AICapability,
  AIError,
  type AIListedModel,
  type AIModel,
  AiProviders,
  capabilitiesOf,
  listModels,
} from '@activepieces/pieces-common'
import { firstModel } from '../domain/connections/check.ts'
import type { TestTarget } from '../domain/connections/test-connection.ts'
import { createProbeReport, PROBES, type ProbeReport } from './probe-report.ts'
import {
  type ProbeTarget,
  probeAbort,
  probeImage,
  probeParallelTools,
  probeStream,
  probeStructuredOutput,
  probeText,
  probeTools,
} from './probes.ts'
import { no, unknown, yes } from './results.ts'

export type ProbeOptions = {
  readonly target: TestTarget
  /** The registry value of the provider. */
  readonly provider: string
  /** Used for the probes of its capabilities. Other probes use the first model that the vendor lists. */
  readonly model?: string | undefined
  /** Timeout of one probe, in milliseconds. An image may take three times as long. */
  readonly probeTimeoutMs: number
  /** Stops the run; its reason is an AIError. */
  readonly signal: AbortSignal
}

type Models = { readonly all: readonly AIListedModel[]; readonly live: boolean }

/** Runs the probes one after another. Skips those that cannot succeed after the results so far. */
export async function runProbes(options: ProbeOptions): Promise<Pick<ProbeReport, 'stopReason' | 'findings'>> {
  const { outcomes } = options.target
  const report = createProbeReport(options.signal, outcomes)
  const ai = AI(options.target)
  const models = await probeModels(report, options)
  const targetFor = (model: string, signal: AbortSignal): ProbeTarget => ({ ai, model, signal, outcomes })
  await probeChat(report, options, models, targetFor)
  await probeImages(report, options, models, targetFor)
  return report
}

async function probeModels(report: ProbeReport, { target, provider, probeTimeoutMs }: ProbeOptions): Promise<Models> {
  let models: Models = { all: AiProviders.find(({ value }) => value === provider)?.models ?? [], live: false }
  const list = async () => {
    const { models: all, live, reason } = await listModels(target)
    models = { all, live }
    if (reason) throw reason
    return [yes(`The vendor lists ${all.filter(({ listed }) => listed).length} models.`)]
  }
  await report.run(['models'], null, list, probeTimeoutMs)
  return models
}

type TargetFor = (model: string, signal: AbortSignal) => ProbeTarget

async function probeChat(
  { run, record, verdictOf, stopReason }: ProbeReport,
  { model: requested, probeTimeoutMs }: ProbeOptions,
  models: Models,
  targetFor: TargetFor,
): Promise<void> {
  const model = chooseModel(models, 'text', requested)?.value
  if (stopReason()) return
  if (model === undefined) {
    for (const probe of CHAT_PROBES)
      record(probe, models.all.length > 0 ? no('None of its models is a text model.') : NO_MODEL, null)
    return
  }
  const runFor = (probes: typeof CHAT_PROBES, probe: (target: ProbeTarget) => ReturnType<typeof probeText>) =>
    run(probes, model, (signal) => probe(targetFor(model, signal)), probeTimeoutMs)
  await runFor(['text'], probeText)
  if (verdictOf('text') !== 'yes') return
  await runFor(['stream', 'usage'], probeStream)
  await runFor(['tools'], probeTools)
  if (verdictOf('tools') === 'no') record('parallel-tools', no('The model does not call tools.'), model)
  else await runFor(['parallel-tools'], probeParallelTools)
  await runFor(['structured-output'], probeStructuredOutput)
  await runFor(['abort'], probeAbort)
}

const CHAT_PROBES = PROBES.filter((probe) => probe !== 'models' && probe !== 'image')
const NO_MODEL = unknown('Not tested: the models are unknown. Enter a model.')

async function probeImages(
  { run, record, stopReason }: ProbeReport,
  { model: requested, probeTimeoutMs }: ProbeOptions,
  models: Models,
  targetFor: TargetFor,
): Promise<void> {
  const model = chooseModel(models, 'image', requested)
  if (stopReason()) return
  if (!model)
    return record('image', models.all.length > 0 ? no('None of its models generates images.') : NO_MODEL, null)
  const { value, options } = model
  const isListed = models.all.some((one) => one.listed && capabilitiesOf(one).includes('image'))
  const probe = async (signal: AbortSignal) => {
    try {
      return await probeImage(targetFor(value, signal), options)
    } catch (error) {
      const isMissing = models.live && !isListed && error instanceof AIError && error.code === 'model-not-found'
      if (isMissing) return [no(`The vendor lists no image model and does not have this one. ${error.message}`)]
      throw error
    }
  }
  await run(['image'], value, probe, probeTimeoutMs * 3)
}

/** The requested model if it has the capability, else the first one that the vendor lists. */
function chooseModel(
  { all, live }: Models,
  capability: AICapability,
  requested: string | undefined,
): AIModel | undefined {
  const known = all.find(({ value }) => value === requested)
  const model = requested === undefined ? undefined : (known ?? { label: requested, value: requested })
  return model && capabilitiesOf(model).includes(capability) ? model : firstModel(all, live, capability)
}
