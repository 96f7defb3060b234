import type { AIChatCompletionsCreateParams, AIContentPart } from '@activepieces/pieces-common'
import type { Capability, Check } from '../check.ts'
import { equal, errorOf } from '../expect.ts'
import { PDF, PNG } from './files.ts'

/** Calls that need one capability each. */
const CALLS: readonly (readonly [Capability, Partial<AIChatCompletionsCreateParams>])[] = [
  ['tools', { tools: [{ name: 'now', parameters: { type: 'object', properties: {} } }] }],
  ['imageUrl', withPart({ type: 'image', image: { url: 'https://example.com/a.png' } })],
  ['imageBase64', withPart({ type: 'image', image: { base64: PNG, mediaType: 'image/png' } })],
  ['pdfUrl', withPart({ type: 'file', file: { url: 'https://example.com/paper.pdf' } })],
  ['pdfBase64', withPart({ type: 'file', file: { base64: PDF, mediaType: 'application/pdf' } })],
]

/** Checks that calls with an unsupported capability are rejected before any request. */
export const UNSUPPORTED_CHECKS: readonly Check[] = CALLS.map(([capability, params]) => ({
  name: `N ${capability} is rejected before anything is sent`,
  applies: ({ supports }) => !supports(capability),
  run: async ({ vendor, encodeReply, ask }) => {
    vendor.respondWith(encodeReply({ text: 'Yes.' }))
    const error = await errorOf(() => ask('plain', params), `a call with ${capability}`)
    equal(vendor.requests.length, 0, 'the number of requests')
    equal(error.code, 'unsupported', 'the code of the error')
  },
}))

function withPart(part: AIContentPart): Partial<AIChatCompletionsCreateParams> {
  return { messages: [{ role: 'user', content: [part] }] }
}
