// No SDK declares the requests of Cohere and Gemini, and AWS's types have bytes where the API has base64. The suite's own
// types are therefore tested against requests that the vendors accepted.
import { expect, it } from 'vitest'
import { type Exchange, loadExchanges } from '../src/index.ts'
import { bedrockConverseProtocol } from '../src/protocols/bedrock-converse.ts'
import { cohereChatProtocol } from '../src/protocols/cohere-chat.ts'
import { geminiProtocol } from '../src/protocols/gemini.ts'
import { problemOf } from '../src/request-schema.ts'
import { isObject } from '../src/targets/fake-vendor.ts'

/** Selects the requests of a protocol. `other`: valid spellings, tools and options that the library never sends. */
const PROTOCOLS = [
  {
    name: 'Bedrock Converse',
    request: bedrockConverseProtocol.request,
    is: ({ vendor, api, provenance }: Exchange) =>
      vendor.endsWith('bedrock') && api.startsWith('converse') && provenance !== 'fixture',
    other: [
      /"(guardrailConfig|guardContent|systemTool|citationsContent|performanceConfig|requestMetadata|citations)":/,
    ],
  },
  {
    name: 'Cohere chat',
    request: cohereChatProtocol.request,
    is: ({ vendor, path }: Exchange) => vendor === 'cohere' && path === '/v2/chat',
    other: [],
  },
  {
    name: 'Gemini',
    request: geminiProtocol.request,
    is: ({ vendor, api }: Exchange) => /^(gemini|vertex)$/.test(vendor) && /enerateContent$/.test(api),
    other: [
      /_(json_schema|thoughts|budget|level|uri|data|call|response|signature|config)":/,
      /"(thinkingLevel|mode)":"[a-z]/,
      /"(google_?Search|urlContext|codeExecution|fileSearch|executableCode|toolCall|invalid_role)"/i,
      /"(safetySettings|modelArmorConfig|labels|cachedContent)":|"tools":\{/,
      /\{"thought":(true|false),"thoughtSignature":"[^"]*"\}/,
    ],
  },
]

const accepted = await loadExchanges(
  (exchange) => exchange.status === 200 && PROTOCOLS.some((protocol) => protocol.is(exchange)),
)

it.each(PROTOCOLS)("requests that $name accepted match the suite's request type", async (protocol) => {
  const requests = accepted.filter(protocol.is).flatMap(({ id, requestBody: body }) => {
    const text = JSON.stringify(body)
    return isObject(body) && !protocol.other.some((other) => other.test(text)) ? [{ id, body }] : []
  })
  expect(requests.length).toBeGreaterThan(0)
  const problems = []
  for (const { id, body } of requests) {
    const problem = await problemOf(body, protocol.request)
    if (problem !== undefined) problems.push(`${id}: ${problem}`)
  }
  expect(problems).toEqual([])
})
