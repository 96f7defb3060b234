import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'
import { sampleOf, schemaOf, textOf } from './sample.ts'
import { SAMPLE_PNG, sampleWav } from './sample-media.ts'

/** A request as the vendor would have received it, without headers because they carry credentials. */
export type SeenRequest = { method: string; path: string; body: unknown }

/**
 * Starts a local emulator of the vendors' APIs, so everything works without a key. Its completions say that it is one.
 *
 * @param onRequest called with each request before it is answered
 */
export async function startEmulator(
  onRequest: (request: SeenRequest) => void = () => {},
): Promise<{ url: string; stop: () => Promise<void> }> {
  const emulator = new LLMock({ port: 0, host: '127.0.0.1', latency: 20, chunkSize: 12, journalMaxEntries: 100 })
  const isImage = ({ _endpointType }: ChatCompletionRequest) => _endpointType === 'image'
  emulator.on({ predicate: isImage }, ({ _context }) => ({
    images: Array.from({ length: Number(_context ?? 1) }, () => ({ b64Json: SAMPLE_PNG })),
  }))
  emulator.onSpeech(/./, { audio: sampleWav().toString('base64'), format: 'wav' })
  emulator.onTranscription({ transcription: { text: `Hello. ${SIGNATURE}`, language: 'english', duration: 1 } })
  const isForced = ({ tool_choice, _context }: ChatCompletionRequest) =>
    typeof tool_choice === 'object' || _context === FORCED
  emulator.on({ predicate: isForced }, callForced)
  emulator.on({ predicate: ({ _context }) => _context !== undefined }, sampleFor)
  for (const [prompt, text] of COMPLETIONS) emulator.onMessage(prompt, (request) => completionFor(request, text))
  emulator.on({ predicate: () => true }, (request) =>
    completionFor(request, 'I can answer only a few prepared questions.'),
  )
  await emulator.start()
  const relay = await startRelay(emulator.url, onRequest)
  return { url: relay.url, stop: async () => void (await Promise.all([relay.close(), emulator.stop()])) }
}

function completionFor(request: ChatCompletionRequest, text: string) {
  const content = `${text} ${SIGNATURE}`
  return { content, usage: usageOf(request, content) }
}

/** Returns the sample that the relay created from the request's JSON schema. */
function sampleFor(request: ChatCompletionRequest) {
  const content = Buffer.from(request._context ?? '', 'base64url').toString()
  return { content, usage: usageOf(request, content) }
}

function callForced(request: ChatCompletionRequest) {
  const tool = request.tools?.[0]?.function
  const args = JSON.stringify(sampleOf(tool?.parameters, textOf(request.messages)))
  return { toolCalls: [{ name: tool?.name ?? '', arguments: args }], usage: usageOf(request, args) }
}

/** Estimates usage at four characters per token, since the emulator does not count tokens. */
function usageOf(request: ChatCompletionRequest, completion: string) {
  const sent = Math.ceil(JSON.stringify(request.messages).length / 4)
  const generated = Math.ceil(completion.length / 4)
  const openai = { prompt_tokens: sent, completion_tokens: generated, total_tokens: sent + generated }
  return { ...openai, input_tokens: sent, output_tokens: generated }
}

const SIGNATURE = '(This is the local emulator. Connect a provider with a real API key to use its models.)'

const COMPLETIONS: readonly (readonly [RegExp, string])[] = [
  [/what is a piece/i, 'A piece is a building block of a flow: a set of actions and triggers for one service.'],
  [/what is an? (ai )?provider/i, 'A provider is a vendor of AI models, such as OpenAI or Anthropic.'],
  [/\b(hello|hi|hey)\b/i, 'Hello! Ask me what a piece is.'],
]

// ---- relay: the emulator does not keep the JSON schema of some protocols, so a sample of it is sent in a context header.
// The relay also handles two vendors' routes that the emulator lacks.

type OnRequest = (request: SeenRequest) => void

async function startRelay(target: string, onRequest: OnRequest): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    forward({ target, onRequest }, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // SAFETY: a listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

type Relay = { target: string; onRequest: OnRequest }

async function forward(
  { target, onRequest }: Relay,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const sent = readBody(body)
  onRequest({ method: request.method ?? '', path: request.url ?? '', body: sent })
  const url = request.url ?? ''
  if (GEMINI_IMAGE.test(url)) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(GEMINI_RESPONSE))
    return
  }
  const context = contextFor(url, sent)
  const upstream = await fetch(`${target}${url.replace('/v2/audio/', '/v1/audio/')}`, {
    method: request.method ?? 'GET',
    headers: {
      'content-type': request.headers['content-type'] ?? 'application/json',
      ...(context !== undefined && { 'x-aimock-context': context }),
    },
    ...(body.length > 0 && { body }),
  })
  const { 'content-length': _length, 'content-encoding': _coding, ...headers } = Object.fromEntries(upstream.headers)
  response.writeHead(upstream.status, headers)
  if (upstream.body) await pipeline(Readable.fromWeb(upstream.body), response)
  else response.end()
}

/** Returns what the emulator needs beyond the messages: the number of images, or a sample of the schema. */
function contextFor(url: string, sent: unknown): string | undefined {
  if (url.includes('/images/')) return String(Object(sent).n ?? 1)
  if (Object(Object(Object(sent).toolConfig).toolChoice).tool) return FORCED
  const schema = schemaOf(sent)
  return schema && Buffer.from(JSON.stringify(sampleOf(schema, textOf(sent)))).toString('base64url')
}

/** Context of a request whose forced tool choice the emulator would not keep. */
const FORCED = 'forced tool'

const GEMINI_IMAGE = /-image:generateContent/
const GEMINI_PART = { inlineData: { mimeType: 'image/png', data: SAMPLE_PNG } }
const GEMINI_RESPONSE = {
  candidates: [{ content: { role: 'model', parts: [GEMINI_PART] }, finishReason: 'STOP', index: 0 }],
}

/** Parses JSON. Returns any other body, such as an upload, as text. */
function readBody(bytes: Buffer): unknown {
  const text = bytes.toString()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
