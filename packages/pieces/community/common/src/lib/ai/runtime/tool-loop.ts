import type {
  AIChatCompletion,
  AIChatMessage,
  AIChatRequest,
  AIChatRunEvent,
  AIChatRunParams,
  AIChatStreamEvent,
  AIRunnableTool,
  AIToolCall,
} from '../contract/chat.ts'
import { AIError } from '../errors/ai-error.ts'
import { type AIErrorContext, toAIError } from '../errors/read.ts'
import { validateValue } from '../protocols/shared/schema.ts'
import { sumUsage } from '../protocols/shared/usage.ts'
import type { Caller } from './call.ts'
import { type AttemptOptions, createDeadline, type Deadline } from './deadline.ts'
import { flatten } from './flatten.ts'

const MAX_STEPS = 10

/**
 * Runs the tool loop and streams the events of all steps. A tool's failure is reported to the model, not thrown. The
 * caller's signal and `timeout.total` apply to the whole loop, including tools; the other timeouts apply to each step.
 */
export async function* runTools(
  caller: Caller,
  request: AIChatRequest,
  params: AIChatRunParams,
  provider: string,
): AsyncGenerator<AIChatRunEvent> {
  const context = { provider, model: request.model }
  const maxSteps = params.maxSteps ?? MAX_STEPS
  const { total, ...stepTimeout } = params.timeout ?? {}
  using deadline = createDeadline(params.signal, { total })
  const messages: AIChatMessage[] = [...request.messages]
  const completions: AIChatCompletion[] = []
  for (let step = 1; ; step++) {
    const end = yield* oneStep(caller, {
      ...request,
      messages: [...messages],
      signal: deadline.signal,
      timeout: stepTimeout,
    })
    throwIfExceeded(deadline, { ...context, partial: end.completion })
    completions.push(end.completion)
    const choice = end.completion.choices[0]
    if (choice) messages.push(choice)
    const finish = (completeness: typeof end.completeness | 'steps'): AIChatRunEvent => ({
      type: 'end',
      completeness,
      completion: end.completion,
      messages,
      usage: sumUsage(completions.map((completion) => completion.usage)),
    })
    const calls = end.completeness === 'complete' ? end.completion.toolCalls : []
    for (const toolCall of calls) {
      const outcome = await execute(toolCall, params.tools, deadline)
      throwIfExceeded(deadline, { ...context, partial: end.completion })
      messages.push(toMessage(toolCall, outcome))
      yield { type: 'tool-result', toolCall, ...outcome }
    }
    yield { type: 'step-end', step, completion: end.completion }
    if (calls.length === 0) return yield finish(end.completeness)
    if (params.signal?.aborted) return yield finish('aborted')
    if (step >= maxSteps) return yield finish('steps')
  }
}

async function* oneStep(caller: Caller, request: AIChatRequest): AsyncGenerator<AIChatRunEvent, EndEvent> {
  for await (const event of flatten(caller.stream(request))) {
    if (event.type === 'end') return event
    yield event
  }
  throw new AIError({ code: 'interrupted', message: 'The stream ended without an end event.' })
}

type EndEvent = Extract<AIChatStreamEvent, { type: 'end' }>
type Outcome = { result: unknown } | { error: string }

async function execute(toolCall: AIToolCall, tools: readonly AIRunnableTool[], deadline: Deadline): Promise<Outcome> {
  const tool = tools.find((known) => known.name === toolCall.name)
  if (!tool) return { error: `Unknown tool "${toolCall.name}". Known: ${tools.map(({ name }) => name).join(', ')}.` }
  try {
    const run = async ({ signal }: AttemptOptions) =>
      await tool.execute(readArguments(tool, toolCall), { toolCall, signal })
    return { result: await deadline.attempt(run) }
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

/** @throws AIError `timeout` with the output so far */
function throwIfExceeded(deadline: Deadline, context: AIErrorContext): void {
  const exceeded = deadline.exceeded()
  if (exceeded) throw toAIError(exceeded, context)
}

function readArguments(tool: AIRunnableTool, toolCall: AIToolCall): unknown {
  return tool.parameters === undefined ? toolCall.arguments : validateValue(tool.parameters, toolCall.arguments)
}

function toMessage({ id }: AIToolCall, outcome: Outcome): AIChatMessage {
  if ('error' in outcome) return { role: 'tool', toolCallId: id, content: outcome.error, isError: true }
  const { result } = outcome
  return {
    role: 'tool',
    toolCallId: id,
    content: typeof result === 'string' ? result : (JSON.stringify(result) ?? 'done'),
  }
}
