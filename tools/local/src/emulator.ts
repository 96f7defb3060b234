import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'

/** The vendors' wires on this machine, so that everything answers without a key. It says what it is in each reply. */
export async function startEmulator(): Promise<{ url: string; stop: () => Promise<void> }> {
  const emulator = new LLMock({ port: 0, host: '127.0.0.1', latency: 20, chunkSize: 12, journalMaxEntries: 100 })
  for (const [question, words] of REPLIES) emulator.onMessage(question, (request) => replyTo(request, words))
  emulator.on({ predicate: () => true }, (request) => replyTo(request, 'I can repeat only what I was taught.'))
  await emulator.start()
  return { url: emulator.url, stop: () => emulator.stop() }
}

/** About four characters are a token: near enough for an emulator, which counts nothing itself. */
function replyTo(request: ChatCompletionRequest, words: string) {
  const content = `${words} ${SIGNATURE}`
  const sent = Math.ceil(JSON.stringify(request.messages).length / 4)
  const generated = Math.ceil(content.length / 4)
  const openai = { prompt_tokens: sent, completion_tokens: generated, total_tokens: sent + generated }
  return { content, usage: { ...openai, input_tokens: sent, output_tokens: generated } }
}

const SIGNATURE = '(This is the local emulator: store a real key to ask the vendor.)'

const REPLIES: readonly (readonly [RegExp, string])[] = [
  [/what is a piece/i, 'A piece is a building block of a flow: a set of actions and triggers for one service.'],
  [/what is an? (ai )?provider/i, 'A provider is a vendor of AI models, such as OpenAI or Anthropic.'],
  [/\b(hello|hi|hey)\b/i, 'Hello! Ask me what a piece is.'],
]
