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

/** What an examination needs. */
export type ProbeOptions = {
  /** Where the connection is found. */
  readonly at: TestTarget
  /** The registry value of its provider. */
  readonly provider: string
  /** To be asked for what it can do; for the rest, or when absent, the first that the vendor lists. */
  readonly model?: string | undefined
  /** For one probe, in milliseconds; an image may take three times as long. */
  readonly timeLimit: number
  /** Ends the visit; its reason is an AIError. */
  readonly signal: AbortSignal
}

type Models = { readonly all: readonly AIListedModel[]; readonly live: boolean }

/** Asks one probe after the other, none that those before it leave no hope for. */
export async function runProbes(options: ProbeOptions): Promise<Pick<ProbeReport, 'end' | 'read'>> {
  const notebook = createProbeReport(options.signal, options.at.outcomes)
  const ai = AI(options.at)
  const models = await askForModels(notebook, options)
  const target = (model: string, signal: AbortSignal): ProbeTarget => ({
    ai,
    model,
    signal,
    outcomes: options.at.outcomes,
  })
  await askChat(notebook, options, models, target)
  await askForImage(notebook, options, models, target)
  return notebook
}

async function askForModels(notebook: ProbeReport, { at, provider, timeLimit }: ProbeOptions): Promise<Models> {
  let models: Models = { all: AiProviders.find(({ value }) => value === provider)?.models ?? [], live: false }
  const list = async () => {
    const { models: all, live, reason } = await listModels(at)
    models = { all, live }
    if (reason) throw reason
    return [yes(`It lists ${all.filter(({ listed }) => listed).length} models.`)]
  }
  await notebook.ask(['models'], null, list, timeLimit)
  return models
}

type ToProbeTarget = (model: string, signal: AbortSignal) => ProbeTarget

async function askChat(
  { ask, note, verdictOf, end }: ProbeReport,
  { model: named, timeLimit }: ProbeOptions,
  models: Models,
  target: ToProbeTarget,
): Promise<void> {
  const model = choose(models, 'text', named)?.value
  if (end()) return
  if (model === undefined) {
    for (const probe of CHAT)
      note(probe, models.all.length > 0 ? no('None of its models is for text.') : NO_MODEL, null)
    return
  }
  const askFor = (probes: typeof CHAT, probe: (target: ProbeTarget) => ReturnType<typeof probeText>) =>
    ask(probes, model, (signal) => probe(target(model, signal)), timeLimit)
  await askFor(['text'], probeText)
  if (verdictOf('text') !== 'yes') return
  await askFor(['stream', 'usage'], probeStream)
  await askFor(['tools'], probeTools)
  if (verdictOf('tools') === 'no') note('parallel-tools', no('It calls no tools.'), model)
  else await askFor(['parallel-tools'], probeParallelTools)
  await askFor(['structured-output'], probeStructuredOutput)
  await askFor(['abort'], probeAbort)
}

const CHAT = PROBES.filter((probe) => probe !== 'models' && probe !== 'image')
const NO_MODEL = unknown('Not asked: it is not known which models it has. Name one.')

async function askForImage(
  { ask, note, end }: ProbeReport,
  { model: named, timeLimit }: ProbeOptions,
  models: Models,
  target: ToProbeTarget,
): Promise<void> {
  const model = choose(models, 'image', named)
  if (end()) return
  if (!model) return note('image', models.all.length > 0 ? no('None of its models makes images.') : NO_MODEL, null)
  const { value, options } = model
  const listed = models.all.some((one) => one.listed && capabilitiesOf(one).includes('image'))
  const probe = async (signal: AbortSignal) => {
    try {
      return await probeImage(target(value, signal), options)
    } catch (error) {
      const gone = models.live && !listed && error instanceof AIError && error.code === 'model-not-found'
      if (gone) return [no(`It lists no model for images, and has not this one. ${error.message}`)]
      throw error
    }
  }
  await ask(['image'], value, probe, timeLimit * 3)
}

/** The named one where it can do it, else the first that the vendor lists. */
function choose({ all, live }: Models, capability: AICapability, named: string | undefined): AIModel | undefined {
  const known = all.find(({ value }) => value === named)
  const model = named === undefined ? undefined : (known ?? { label: named, value: named })
  return model && capabilitiesOf(model).includes(capability) ? model : firstModel(all, live, capability)
}
