import { type AIChatCompletionsCreateParams, type AIContentPart, AIError } from '@activepieces/pieces-common'
import type { Capability, Context } from './check.ts'
import { PDF, PNG } from './checks/files.ts'

/**
 * What is declared absent must be refused before anything is sent: a capability is whole or absent.
 *
 * @returns what is wrong, in one sentence; undefined when nothing is, or when its absence cannot be seen
 */
export async function absenceProblem(capability: Capability, context: Context): Promise<string | undefined> {
  const params = PROBES[capability]
  if (!params) return undefined
  context.vendor.answerWith(context.say({ text: 'Yes.' }))
  const error = await context.ask('plain', params).catch((thrown: unknown) => thrown)
  if (!(error instanceof AIError)) return `${capability} is declared absent, yet a call with it is answered`
  if (context.vendor.requests.length > 0) return `${capability} is declared absent, yet a request with it is sent`
  return error.code === 'unsupported' ? undefined : `${capability} is refused as ${error.code}; right is unsupported`
}

const PROBES: Partial<Record<Capability, Partial<AIChatCompletionsCreateParams>>> = {
  tools: { tools: [{ name: 'now', parameters: { type: 'object', properties: {} } }] },
  imageUrl: withPart({ type: 'image', image: { url: 'https://example.com/a.png' } }),
  imageBase64: withPart({ type: 'image', image: { base64: PNG, mediaType: 'image/png' } }),
  pdfUrl: withPart({ type: 'file', file: { url: 'https://example.com/paper.pdf' } }),
  pdfBase64: withPart({ type: 'file', file: { base64: PDF, mediaType: 'application/pdf' } }),
}

function withPart(part: AIContentPart): Partial<AIChatCompletionsCreateParams> {
  return { messages: [{ role: 'user', content: [part] }] }
}
