import type { AIToolChoice } from '@activepieces/pieces-common'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { geminiError } from './gemini-errors.ts'
import {
  type DecodedRequest,
  event,
  listOf,
  type Protocol,
  type ReplyFixture,
  type ToolCallFixture,
  type UsageFixture,
} from './protocol.ts'

/** Gemini's `generateContent` API. @see https://ai.google.dev/api/generate-content */
export const geminiProtocol: Protocol = {
  name: 'gemini',
  matches: (path, body) => /:(generate|streamGenerate)Content\b/.test(path) && Array.isArray(body['contents']),
  asksForStream: (path) => path.endsWith(':streamGenerateContent?alt=sse'),
  request: { module: './protocols/gemini-request.ts', type: 'GenerateContentRequest', extraFields: [] },
  encodePlain: (fixture) =>
    replyOf(fixture, candidateOf([...partsOf(fixture), ...noiseOf(fixture)], endOf(fixture)), usageOf(fixture)),
  encodeEvents,
  finishReasons: {
    STOP: 'stop',
    MAX_TOKENS: 'length',
    SAFETY: 'content-filter',
    RECITATION: 'content-filter',
    BLOCKLIST: 'content-filter',
    PROHIBITED_CONTENT: 'content-filter',
    SPII: 'content-filter',
    MALFORMED_FUNCTION_CALL: 'other',
    UNEXPECTED_TOOL_CALL: 'other',
  },
  error: geminiError,
  decodeRequest,
  features: {
    signatures: true,
    encryptedReasoning: false,
    callsWithoutIndex: false,
    callsWithoutId: true,
    countsReasoning: true,
    argumentsAsText: false,
    argumentsAsJson: true,
    unknownFinish: true,
    stop: true,
    requiresMaxTokens: false,
    rejectsEmptyText: true,
    pdfUrls: true,
  },
}

// ---- Replies

function replyOf(fixture: ReplyFixture, candidate: JsonObject, usage: JsonObject | undefined): JsonObject {
  return {
    candidates: [candidate],
    ...(usage && { usageMetadata: usage }),
    modelVersion: 'the-model-that-answered',
    responseId: 'resp-1',
    ...(fixture.noise && { made_up: { deep: 1 }, createTime: '2026-06-08T17:10:04.433091Z' }),
  }
}

/** Creates a candidate. Without parts, its content has only a role. */
function candidateOf(parts: JsonObject[], end: JsonObject = {}): JsonObject {
  return { content: { ...(parts.length > 0 && { parts }), role: 'model' }, ...end, index: 0 }
}

function endOf({ finish, refusal }: ReplyFixture): JsonObject {
  const finishReason = finish ?? (refusal === undefined ? 'STOP' : 'SAFETY')
  return { finishReason, ...(refusal !== undefined && { finishMessage: refusal }) }
}

/** Creates the parts. The signature is on the first call; without calls, on the last text or an empty one. */
function partsOf({ reasoning, text, toolCalls = [] }: ReplyFixture): JsonObject[] {
  const texts = listOf(text).map((words): JsonObject => ({ text: words }))
  const parts = [...texts, ...toolCalls.map(callOf)]
  const signedIndex = toolCalls.length > 0 ? texts.length : texts.length - 1
  const signed = reasoning?.signature === undefined ? {} : { thoughtSignature: reasoning.signature }
  return [
    ...(reasoning && reasoning.text !== '' ? [{ text: reasoning.text, thought: true }] : []),
    ...parts.map((part, index) => (index === signedIndex ? { ...part, ...signed } : part)),
    ...(reasoning?.signature !== undefined && parts.length === 0 ? [{ text: '', ...signed }] : []),
  ]
}

/** Creates a call. Most calls have no id, and calls without arguments may have no `args`. */
function callOf({ id, name, arguments: given }: ToolCallFixture): JsonObject {
  const text = listOf(given).join('')
  return { functionCall: { name, ...(id !== undefined && { id }), ...(text !== '' && { args: JSON.parse(text) }) } }
}

function noiseOf({ noise }: ReplyFixture): JsonObject[] {
  return noise ? [{ executableCode: { language: 'PYTHON', code: 'print(1)' } }, { made_up_part: { deep: 1 } }] : []
}

/** Encodes one chunk per part, and one with the finish reason and the final usage. */
function encodeEvents(fixture: ReplyFixture): string[] {
  const usage = usageOf(fixture)
  const soFar = usage && { promptTokenCount: usage['promptTokenCount'], totalTokenCount: usage['promptTokenCount'] }
  const noise = fixture.noise
    ? [{ candidates: [] }, { usageMetadata: {} }, replyOf(fixture, candidateOf(noiseOf(fixture)), undefined)]
    : []
  const chunks: JsonObject[] = [
    ...partsOf(fixture).flatMap((part) => [replyOf(fixture, candidateOf([part]), soFar), ...noise]),
    replyOf(fixture, candidateOf(fixture.noise ? [{ text: '' }] : [], endOf(fixture)), usage),
  ]
  return chunks.map((chunk) => event(chunk))
}

/** Reasoning tokens are not part of the candidates' tokens; cached tokens are part of the prompt's. */
function usageOf({ usage }: ReplyFixture): JsonObject | undefined {
  if (usage === null) return undefined
  const { prompt, completion, cacheRead, reasoning }: UsageFixture = usage ?? { prompt: 9, completion: 4 }
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: completion - (reasoning ?? 0),
    ...(reasoning !== undefined && { thoughtsTokenCount: reasoning }),
    ...(cacheRead !== undefined && { cachedContentTokenCount: cacheRead }),
    totalTokenCount: prompt + completion,
  }
}

// ---- Requests

function decodeRequest(body: JsonObject): DecodedRequest {
  const contents = listAt(body, 'contents')
  const parts = contents.flatMap((content) => listAt(content, 'parts'))
  const responses = parts.map((part) => objectAt(part, 'functionResponse')).filter((response) => 'name' in response)
  const inside = [...parts, ...responses.flatMap((response) => listAt(response, 'parts'))]
  const config = objectAt(body, 'generationConfig')
  const choice = toolChoice(objectAt(objectAt(body, 'toolConfig'), 'functionCallingConfig'))
  const tools = listAt(body, 'tools')
    .flatMap((tool) => listAt(tool, 'functionDeclarations'))
    .map(({ parametersJsonSchema: parameters, ...tool }): JsonObject => ({ ...tool, parameters }))
  const forced =
    typeof choice === 'object' ? tools.find((tool) => tool['name'] === choice.tool)?.['parameters'] : undefined
  const schema = config['responseJsonSchema'] ?? forced
  return {
    system: listAt(objectAt(body, 'systemInstruction'), 'parts').map(({ text }) => String(text)),
    turns: contents.map((content) => ({
      role: content['role'] === 'model' ? 'assistant' : String(content['role']),
      text: textOf(content),
    })),
    temperature: config['temperature'],
    maxTokens: config['maxOutputTokens'],
    stop: config['stopSequences'],
    tools,
    toolChoice: choice,
    parallel: undefined, // not supported by the protocol
    calls: parts
      .map((part) => objectAt(part, 'functionCall'))
      .filter((call) => 'name' in call)
      .map(({ id, name, args }) => ({ id: String(id), name: String(name), arguments: args })),
    results: responses.map(({ id, response }) => {
      const { output, error }: JsonObject = isObject(response) ? response : {}
      return { id: String(id), text: String(error ?? output), failed: error !== undefined }
    }),
    schema: isObject(schema) ? schema : undefined,
    images: filesOf(inside, (type) => type.startsWith('image/')),
    files: filesOf(inside, (type) => !type.startsWith('image/')),
  }
}

function textOf(content: JsonObject): string {
  return listAt(content, 'parts')
    .filter(({ thought }) => thought !== true)
    .map(({ text }) => String(text ?? ''))
    .join('')
}

function filesOf(parts: readonly JsonObject[], wanted: (type: string) => boolean): string[] {
  const files = parts.map((part) => ({ ...objectAt(part, 'inlineData'), ...objectAt(part, 'fileData') }) as JsonObject)
  return files
    .filter((file) => 'mimeType' in file && wanted(String(file['mimeType'])))
    .map(({ fileUri, data }) => String(fileUri ?? data))
}

function toolChoice({ mode, allowedFunctionNames }: JsonObject): AIToolChoice | undefined {
  if (mode === 'ANY' && Array.isArray(allowedFunctionNames)) return { tool: String(allowedFunctionNames[0]) }
  return mode === 'ANY' ? 'any' : mode === 'AUTO' ? 'auto' : mode === 'NONE' ? 'none' : undefined
}
