import { setTimeout as sleep } from 'node:timers/promises'
import type { AI, AIChatStreamEvent, AIModelOption } from '@activepieces/pieces-common'
import { z } from 'zod'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import { no, type ProbeResult, unknown, yes } from './results.ts'

/** The model that a probe calls. */
export type ProbeTarget = {
  readonly ai: ReturnType<typeof AI>
  readonly model: string
  readonly signal: AbortSignal
  /** How the calls to the vendor ended so far. */
  readonly outcomes: readonly RelayOutcome[]
}

/** Enough for a model to reason briefly before it answers. */
const MAX_TOKENS = 512
/** How long to wait until an aborted connection is closed, in milliseconds. */
const ABORT_TIMEOUT_MS = 2_000

/** Without retries: a rate limit is a finding, and its delay is longer than a probe may take. */
const call = ({ model, signal }: ProbeTarget, prompt: string) => ({
  model,
  signal,
  messages: [{ role: 'user' as const, content: prompt }],
  maxTokens: MAX_TOKENS,
  retries: 0,
})

/** `text`. */
export async function probeText(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const { choices, finishReason } = await target.ai.chat.text(call(target, 'Say ok.'))
  if (choices[0]?.content.trim()) return [yes('The model answered.')]
  if (finishReason === 'length') return [unknown(`The model used up ${MAX_TOKENS} tokens before its first word.`)]
  return [no(`The completion has no text (finish reason: ${finishReason}).`)]
}

/** `stream` and `usage`, with one call. */
export async function probeStream(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  let pieces = 0
  let end: Extract<AIChatStreamEvent, { type: 'end' }> | undefined
  for await (const event of target.ai.chat.stream(call(target, 'Count from 1 to 30.'))) {
    if (event.type === 'text-delta') pieces++
    if (event.type === 'end') end = event
  }
  if (pieces === 0) return [unknown('The stream had no text.'), unknown('The stream had no text.')]
  if (pieces === 1) return [no('The whole completion arrived in one piece.'), unknown('The model does not stream.')]
  if (end?.completeness !== 'complete')
    return [no('The stream ended without its end marker.'), unknown('The stream was incomplete.')]
  const { promptTokens: sent, completionTokens: got } = end.completion.usage
  const isReported = sent !== undefined && got !== undefined
  return [
    yes(`The completion arrived in ${pieces} pieces.`),
    isReported
      ? yes(`The stream reports ${sent} prompt tokens and ${got} completion tokens.`)
      : no('The stream reports no usage.'),
  ]
}

const note = {
  name: 'note_number',
  description: 'Records one number.',
  parameters: z.object({ number: z.number() }),
}

/** `tools`. */
export async function probeTools(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const options = { tools: [note], toolChoice: { tool: note.name } }
  const { toolCalls } = await target.ai.chat.text({ ...call(target, 'Note the number 7.'), ...options })
  const [first] = toolCalls
  if (!first) return [no('The model was told to call a tool and did not.')]
  if (first.name !== note.name) return [no('The model called a tool that does not exist.')]
  if (!note.parameters.safeParse(first.arguments).success)
    return [no('The model called the tool with arguments that do not match the schema.')]
  return [yes('The model called the tool with valid arguments.')]
}

/** `parallel-tools`. */
export async function probeParallelTools(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const prompt = 'Note the number 3 and the number 8: call the tool twice, both calls in this one reply.'
  const options = { tools: [note], toolChoice: 'any' as const, parallelToolCalls: true }
  const { toolCalls } = await target.ai.chat.text({ ...call(target, prompt), ...options })
  if (toolCalls.length > 1) return [yes(`The model made ${toolCalls.length} tool calls at the same time.`)]
  return [no(`The model was asked for two parallel tool calls and made ${toolCalls.length === 0 ? 'none' : 'one'}.`)]
}

/** `structured-output`. */
export async function probeStructuredOutput(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const schema = z.object({ city: z.string(), capital: z.boolean() })
  await target.ai.chat.object({ ...call(target, 'Is Paris the capital of France?'), schema })
  return [yes('The completion matches the schema.')]
}

/**
 * `abort`: the stream ends immediately and without an error, and the connection to the vendor is closed. Whether the vendor
 * stops counting tokens can't be observed.
 */
export async function probeAbort(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const abort = new AbortController()
  const signal = AbortSignal.any([target.signal, abort.signal])
  const before = target.outcomes.length
  let end: string | undefined
  for await (const event of target.ai.chat.stream({ ...call(target, 'Count from 1 to 200.'), signal })) {
    if (event.type === 'text-delta') abort.abort()
    if (event.type === 'end') end = event.completeness
  }
  const deadline = performance.now() + ABORT_TIMEOUT_MS
  while (target.outcomes.length === before && performance.now() < deadline) await sleep(10)
  const closed = target.outcomes[before]?.end
  if (closed === undefined)
    return [no(`The vendor's connection was still open ${ABORT_TIMEOUT_MS / 1000} seconds later.`)]
  if (end !== 'aborted' || closed !== 'client-aborted')
    return [unknown('The completion ended before it could be aborted.')]
  return [yes("The stream ended and the vendor's connection was closed.")]
}

/** `image`: one image, in the lowest quality that can be chosen. */
export async function probeImage(
  { ai, model, signal }: ProbeTarget,
  options: readonly AIModelOption[] = [],
): Promise<readonly ProbeResult[]> {
  if (!ai.image) return [no('The provider does not generate images.')]
  const cheap = options.some(({ name, values }) => name === 'quality' && values.includes('low'))
  const { images } = await ai.image.generate({
    model,
    prompt: 'A red circle on white.',
    signal,
    retries: 0,
    ...(cheap && { advancedOptions: { quality: 'low' } }),
  })
  return [yes(`The model generated an image (${images[0]?.mediaType}).`)]
}
