import { setTimeout as sleep } from 'node:timers/promises'
import type { AI, AIChatStreamEvent, AIModelOption } from '@activepieces/pieces-common'
import { z } from 'zod'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import { no, type ProbeResult, unknown, yes } from './results.ts'

/** Whom a probe asks. */
export type ProbeTarget = {
  readonly ai: ReturnType<typeof AI>
  readonly model: string
  readonly signal: AbortSignal
  /** How the calls to the vendor have ended so far. */
  readonly outcomes: readonly RelayOutcome[]
}

/** The most tokens of a reply: enough for a model to think a little first. */
const MAX_TOKENS = 512
/** How long a closed connection may take to be seen closed, in milliseconds. */
const ABORT_TIMEOUT_MS = 2_000

/** Not tried again: what a vendor says of too many calls is a finding, and its wait is longer than a probe's. */
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
  if (choices[0]?.content.trim()) return [yes('It answered.')]
  if (finishReason === 'length') return [unknown(`It used up ${MAX_TOKENS} tokens before it said a word.`)]
  return [no(`The reply has no text (finish reason: ${finishReason}).`)]
}

/** `stream` and `usage`: of one call. */
export async function probeStream(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  let pieces = 0
  let end: Extract<AIChatStreamEvent, { type: 'end' }> | undefined
  for await (const event of target.ai.chat.stream(call(target, 'Count from 1 to 30.'))) {
    if (event.type === 'text-delta') pieces++
    if (event.type === 'end') end = event
  }
  if (pieces === 0) return [unknown('The stream had no text.'), unknown('The stream had no text.')]
  if (pieces === 1) return [no('The whole answer came at once.'), unknown('It does not stream.')]
  if (end?.completeness !== 'complete')
    return [no('The stream stopped without the mark of its end.'), unknown('The stream was not whole.')]
  const { promptTokens: sent, completionTokens: got } = end.completion.usage
  const told = sent !== undefined && got !== undefined
  return [
    yes(`It answered in ${pieces} pieces.`),
    told ? yes(`It counts ${sent} tokens sent and ${got} generated.`) : no('Nothing in the stream tells the tokens.'),
  ]
}

const note = {
  name: 'note_number',
  description: 'Notes one number.',
  parameters: z.object({ number: z.number() }),
}

/** `tools`. */
export async function probeTools(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const asked = { tools: [note], toolChoice: { tool: note.name } }
  const { toolCalls } = await target.ai.chat.text({ ...call(target, 'Note the number 7.'), ...asked })
  const [first] = toolCalls
  if (!first) return [no('It was told to call a tool and called none.')]
  if (first.name !== note.name) return [no('It called a tool that it was not given.')]
  if (!note.parameters.safeParse(first.arguments).success)
    return [no('It called the tool with arguments that the schema forbids.')]
  return [yes('It called the tool, with the right arguments.')]
}

/** `parallel-tools`. */
export async function probeParallelTools(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const prompt = 'Note the number 3 and the number 8: call the tool twice, both calls in this one reply.'
  const asked = { tools: [note], toolChoice: 'any' as const, parallelToolCalls: true }
  const { toolCalls } = await target.ai.chat.text({ ...call(target, prompt), ...asked })
  if (toolCalls.length > 1) return [yes(`It made ${toolCalls.length} calls in one reply.`)]
  return [no(`It was asked for two calls in one reply and made ${toolCalls.length === 0 ? 'none' : 'one'}.`)]
}

/** `structured-output`. */
export async function probeStructuredOutput(target: ProbeTarget): Promise<readonly ProbeResult[]> {
  const schema = z.object({ city: z.string(), capital: z.boolean() })
  await target.ai.chat.object({ ...call(target, 'Is Paris the capital of France?'), schema })
  return [yes('The answer is of the schema.')]
}

/**
 * `abort`. What can be known here: that the stream ends at once, without an error, and that the connection to the vendor is
 * closed. Whether the vendor stops counting cannot be seen.
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
  const patience = performance.now() + ABORT_TIMEOUT_MS
  while (target.outcomes.length === before && performance.now() < patience) await sleep(10)
  const closed = target.outcomes[before]?.end
  if (closed === undefined)
    return [no(`The vendor's connection was still open ${ABORT_TIMEOUT_MS / 1000} seconds later.`)]
  if (end !== 'aborted' || closed !== 'left') return [unknown('The answer was whole before it could be broken off.')]
  return [yes("The stream ended and the vendor's connection was closed; whether it stops counting cannot be seen.")]
}

/** `image`: one, of the lowest quality where that can be chosen. */
export async function probeImage(
  { ai, model, signal }: ProbeTarget,
  options: readonly AIModelOption[] = [],
): Promise<readonly ProbeResult[]> {
  if (!ai.image) return [no('The provider makes no images.')]
  const cheap = options.some(({ name, values }) => name === 'quality' && values.includes('low'))
  const { images } = await ai.image.generate({
    model,
    prompt: 'A red circle on white.',
    signal,
    retries: 0,
    ...(cheap && { advancedOptions: { quality: 'low' } }),
  })
  return [yes(`It made an image (${images[0]?.mediaType}).`)]
}
