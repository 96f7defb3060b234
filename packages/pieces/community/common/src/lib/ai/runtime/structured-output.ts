import type {
  AIChatCompletion,
  AIChatObject,
  AIChatObjectEvent,
  AIChatObjectParams,
  AIChatRequest,
  AIChatStreamDelta,
  AIJsonSchema,
} from '../contract/chat.ts'
import type { AI } from '../contract/registry.ts'
import { AIError } from '../errors/ai-error.ts'
import { dropNulls, toJsonSchema, validateValue, wrapRoot } from '../protocols/shared/schema.ts'
import type { Caller } from './call.ts'
import { flatten } from './flatten.ts'
import { createPartialJson } from './partial-json.ts'

/** Calls that return a structured value. */
export type ObjectCaller = {
  readonly object: <Value>(request: AIChatRequest, params: AIChatObjectParams<Value>) => Promise<AIChatObject<Value>>
  readonly stream: <Value>(
    request: AIChatRequest,
    params: AIChatObjectParams<Value>,
  ) => AsyncGenerator<AIChatObjectEvent<Value>>
}

/** Uses the vendor's structured output if the model has it, otherwise a forced tool. */
export function createObjectCaller<SDK>(ai: AI<SDK>, caller: Caller): ObjectCaller {
  return {
    object: async (request, params) => {
      const chat = await toChatRequest(ai, request, params)
      const completion = await caller.text(chat.request)
      return { object: chat.read(completion), completion }
    },
    stream: (request, params) => objectStream(ai, caller, request, params),
  }
}

async function* objectStream<SDK, Value>(
  ai: AI<SDK>,
  caller: Caller,
  request: AIChatRequest,
  params: AIChatObjectParams<Value>,
): AsyncGenerator<AIChatObjectEvent<Value>> {
  const chat = await toChatRequest(ai, request, params)
  const json = createPartialJson()
  let shown: unknown
  for await (const event of flatten(caller.stream(chat.request))) {
    if (event.type === 'end') {
      if (event.completeness === 'aborted') throw abortedObject(event.completion)
      if (event.completeness !== 'complete') throw truncatedObject(event.completion, 'The completion was truncated.')
      yield { type: 'end', object: chat.read(event.completion), completion: event.completion }
      return
    }
    const partial = chat.unwrap(json.push(chat.textOf(event)))
    if (partial !== undefined && partial !== shown) yield { type: 'partial-object', object: partial }
    shown = partial
  }
}

async function toChatRequest<SDK, Value>(
  ai: AI<SDK>,
  request: AIChatRequest,
  { schema, name: givenName }: AIChatObjectParams<Value>,
) {
  const name = givenName ?? 'answer'
  const json = await toJsonSchema(schema)
  const root = wrapRoot(json)
  const native = ai.chat.structuredOutput?.(request.model) ?? false
  const tool = { name, description: 'Give the answer by calling this tool.', parameters: root.schema }
  return {
    unwrap: root.unwrap,
    /** Returns the part of the value's JSON in a delta. */
    textOf: (delta: AIChatStreamDelta): string => {
      if (native) return delta.type === 'text-delta' ? delta.text : ''
      return delta.type === 'tool-call-delta' ? delta.arguments : ''
    },
    request: native
      ? { ...request, responseSchema: { name, schema: named(root.schema, givenName) } }
      : { ...request, tools: [tool], toolChoice: { tool: name } },
    read: (completion: AIChatCompletion): Value => {
      const raw = native ? parseContent(completion) : argumentsOf(completion, name)
      return validateValue(schema, dropNulls(root.unwrap(raw), json))
    },
  }
}

/** Some protocols have no field for the name, but all have the schema's title. */
function named(schema: AIJsonSchema, name: string | undefined): AIJsonSchema {
  return name === undefined || 'title' in schema ? schema : { title: name, ...schema }
}

function parseContent(completion: AIChatCompletion): unknown {
  const content = contentOf(completion)
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw new AIError({
      code: 'invalid-object',
      message: `The completion is not JSON: ${quote(content)}`,
      partial: completion,
      cause,
    })
  }
}

function argumentsOf(completion: AIChatCompletion, name: string): unknown {
  const call = completion.toolCalls.find((toolCall) => toolCall.name === name)
  if (call) return call.arguments
  const content = contentOf(completion)
  const message = `The model answered with text instead of calling "${name}": ${quote(content)}`
  throw new AIError({ code: 'invalid-object', message, partial: completion })
}

/** Returns the text of a completion. @throws AIError `refused` or `truncated` */
function contentOf(completion: AIChatCompletion): string {
  const choice = completion.choices[0]
  const refusal =
    choice?.refusal ?? (completion.finishReason === 'content-filter' ? choice?.content || 'no reason given' : undefined)
  if (refusal !== undefined) {
    throw new AIError({
      code: 'refused',
      message: `The model refused: ${quote(refusal)}`,
      vendorMessage: refusal,
      partial: completion,
    })
  }
  if (completion.finishReason === 'length')
    throw truncatedObject(completion, 'The completion reached the maximum number of tokens.')
  return choice?.content ?? ''
}

function truncatedObject(completion: AIChatCompletion, message: string): AIError {
  return new AIError({ code: 'truncated', message, partial: completion })
}

function abortedObject(completion: AIChatCompletion): AIError {
  return new AIError({ code: 'aborted', message: 'The call was aborted.', partial: completion })
}

function quote(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)} …` : text
}
