import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'
import { sampleOf, schemaOf, textOf } from './sample.ts'
import { SAMPLE_PNG, sampleSound } from './sample-media.ts'

/** A request as it would have reached the vendor; its headers, where credentials are, are left out. */
export type SeenRequest = { method: string; path: string; body: unknown }

/**
 * The vendors' wires on this machine, so that everything answers without a key. It says what it is in each reply.
 *
 * @param see called with each request before it is answered
 */
export async function startEmulator(
  see: (request: SeenRequest) => void = () => {},
): Promise<{ url: string; stop: () => Promise<void> }> {
  const emulator = new LLMock({ port: 0, host: '127.0.0.1', latency: 20, chunkSize: 12, journalMaxEntries: 100 })
  const isImage = ({ _endpointType }: ChatCompletionRequest) => _endpointType === 'image'
  emulator.on({ predicate: isImage }, ({ _context }) => ({
    images: Array.from({ length: Number(_context ?? 1) }, () => ({ b64Json: SAMPLE_PNG })),
  }))
  emulator.onSpeech(/./, { audio: sampleSound().toString('base64'), format: 'wav' })
  emulator.onTranscription({ transcription: { text: `Hello. ${SIGNATURE}`, language: 'english', duration: 1 } })
  const isForced = ({ tool_choice, _context }: ChatCompletionRequest) =>
    typeof tool_choice === 'object' || _context === FORCED
  emulator.on({ predicate: isForced }, callForced)
  emulator.on({ predicate: ({ _context }) => _context !== undefined }, sampleFor)
  for (const [question, words] of REPLIES) emulator.onMessage(question, (request) => replyTo(request, words))
  emulator.on({ predicate: () => true }, (request) => replyTo(request, 'I can repeat only what I was taught.'))
  await emulator.start()
  const hop = await startHop(emulator.url, see)
  return { url: hop.url, stop: async () => void (await Promise.all([hop.close(), emulator.stop()])) }
}

function replyTo(request: ChatCompletionRequest, words: string) {
  const content = `${words} ${SIGNATURE}`
  return { content, usage: usageOf(request, content) }
}

/** A value of the schema that the answer has to have: the hop below has made it. */
function sampleFor(request: ChatCompletionRequest) {
  const content = Buffer.from(request._context ?? '', 'base64url').toString()
  return { content, usage: usageOf(request, content) }
}

function callForced(request: ChatCompletionRequest) {
  const tool = request.tools?.[0]?.function
  const words = JSON.stringify(sampleOf(tool?.parameters, textOf(request.messages)))
  return { toolCalls: [{ name: tool?.name ?? '', arguments: words }], usage: usageOf(request, words) }
}

/** About four characters are a token: near enough for an emulator, which counts nothing itself. */
function usageOf(request: ChatCompletionRequest, answer: string) {
  const sent = Math.ceil(JSON.stringify(request.messages).length / 4)
  const generated = Math.ceil(answer.length / 4)
  const openai = { prompt_tokens: sent, completion_tokens: generated, total_tokens: sent + generated }
  return { ...openai, input_tokens: sent, output_tokens: generated }
}

const SIGNATURE = '(This is the local emulator: store a real key to ask the vendor.)'

const REPLIES: readonly (readonly [RegExp, string])[] = [
  [/what is a piece/i, 'A piece is a building block of a flow: a set of actions and triggers for one service.'],
  [/what is an? (ai )?provider/i, 'A provider is a vendor of AI models, such as OpenAI or Anthropic.'],
  [/\b(hello|hi|hey)\b/i, 'Hello! Ask me what a piece is.'],
]

// ---- the hop: the emulator forgets the schema that some wires carry, so a value of it travels in its context header; and
// what the emulator does not know of two vendors is known here

type See = (request: SeenRequest) => void

async function startHop(target: string, see: See): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    handOn({ target, see }, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

type Hop = { target: string; see: See }

async function handOn({ target, see }: Hop, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  const body = Buffer.concat(pieces)
  const sent = readBody(body)
  see({ method: request.method ?? '', path: request.url ?? '', body: sent })
  const url = request.url ?? ''
  if (GEMINI_IMAGE.test(url)) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(GEMINI_REPLY))
    return
  }
  const hint = hintFor(url, sent)
  const answer = await fetch(`${target}${url.replace('/v2/audio/', '/v1/audio/')}`, {
    method: request.method ?? 'GET',
    headers: {
      'content-type': request.headers['content-type'] ?? 'application/json',
      ...(hint !== undefined && { 'x-aimock-context': hint }),
    },
    ...(body.length > 0 && { body }),
  })
  const { 'content-length': _length, 'content-encoding': _coding, ...headers } = Object.fromEntries(answer.headers)
  response.writeHead(answer.status, headers)
  if (answer.body) await pipeline(Readable.fromWeb(answer.body), response)
  else response.end()
}

/** What the emulator is to know besides the messages: how many images, or a value of the schema. */
function hintFor(url: string, sent: unknown): string | undefined {
  if (url.includes('/images/')) return String(Object(sent).n ?? 1)
  if (Object(Object(Object(sent).toolConfig).toolChoice).tool) return FORCED
  const schema = schemaOf(sent)
  return schema && Buffer.from(JSON.stringify(sampleOf(schema, textOf(sent)))).toString('base64url')
}

/** Stands in the context header where a wire's forced tool would be forgotten. */
const FORCED = 'forced tool'

const GEMINI_IMAGE = /-image:generateContent/
const GEMINI_PART = { inlineData: { mimeType: 'image/png', data: SAMPLE_PNG } }
const GEMINI_REPLY = {
  candidates: [{ content: { role: 'model', parts: [GEMINI_PART] }, finishReason: 'STOP', index: 0 }],
}

/** Bytes that are no JSON, such as an upload, as a text. */
function readBody(bytes: Buffer): unknown {
  const text = bytes.toString()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
