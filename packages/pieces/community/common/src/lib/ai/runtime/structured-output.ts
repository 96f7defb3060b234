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
import { parsePartialJson } from './partial-json.ts'

/** The two forms of a call whose answer is a value. */
export type ObjectCaller = {
  readonly object: <Value>(request: AIChatRequest, params: AIChatObjectParams<Value>) => Promise<AIChatObject<Value>>
  readonly stream: <Value>(
    request: AIChatRequest,
    params: AIChatObjectParams<Value>,
  ) => AsyncGenerator<AIChatObjectEvent<Value>>
}

/** Asks for a value in the vendor's own structured output where it has one, and by a forced tool where not. */
export function createObjectCaller<SDK>(ai: AI<SDK>, caller: Caller): ObjectCaller {
  return {
    object: async (request, params) => {
      const question = await toChatRequest(ai, request, params)
      const completion = await caller.text(question.request)
      return { object: question.read(completion), completion }
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
  const question = await toChatRequest(ai, request, params)
  let text = ''
  let shown: string | undefined
  for await (const event of flatten(caller.stream(question.request))) {
    if (event.type === 'end') {
      if (event.completeness === 'aborted') throw abortedObject(event.completion)
      if (event.completeness !== 'complete') throw halfObject(event.completion, 'The completion was truncated.')
      yield { type: 'end', object: question.read(event.completion), completion: event.completion }
      return
    }
    text += question.textOf(event)
    const partial = question.unwrap(parsePartialJson(text))
    const printed = JSON.stringify(partial)
    if (printed !== undefined && printed !== shown) yield { type: 'partial-object', object: partial }
    shown = printed
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
    /** The piece of the value's JSON that a delta holds. */
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
      message: `The answer is not JSON: ${quote(content)}`,
      partial: completion,
      cause,
    })
  }
}

function argumentsOf(completion: AIChatCompletion, name: string): unknown {
  const call = completion.toolCalls.find((toolCall) => toolCall.name === name)
  if (call) return call.arguments
  const content = contentOf(completion)
  const message = `The model answered in prose instead of calling "${name}": ${quote(content)}`
  throw new AIError({ code: 'invalid-object', message, partial: completion })
}

/** The text of a whole answer. @throws AIError `refused` or `truncated` */
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
    throw halfObject(completion, 'The answer did not fit into the maximum of tokens.')
  return choice?.content ?? ''
}

function halfObject(completion: AIChatCompletion, message: string): AIError {
  return new AIError({ code: 'truncated', message, partial: completion })
}

function abortedObject(completion: AIChatCompletion): AIError {
  return new AIError({ code: 'aborted', message: 'The call was aborted.', partial: completion })
}

function quote(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)} …` : text
}
