// No SDK declares what Gemini takes: so the type of ours is held against requests that the vendor has answered.
import { expect, it } from 'vitest'
import { isObject } from '../src/hostile-server.ts'
import { loadExchanges } from '../src/index.ts'
import { problemOf } from '../src/request-schema.ts'
import { geminiWire } from '../src/wires/gemini.ts'

const exchanges = await loadExchanges(
  ({ vendor, api, status }) => /^(gemini|vertex)$/.test(vendor) && /enerateContent$/.test(api) && status === 200,
)

/** The vendor takes other spellings too, and has tools and options of its own: ours are never so. */
const OTHERWISE = [
  /_(json_schema|thoughts|budget|level|uri|data|call|response|signature|config)":/,
  /"(thinkingLevel|mode)":"[a-z]/,
  /"(google_?Search|urlContext|codeExecution|fileSearch|executableCode|toolCall|invalid_role)"/i,
  /"(safetySettings|modelArmorConfig|labels|cachedContent)":|"tools":\{/,
  /\{"thought":(true|false),"thoughtSignature":"[^"]*"\}/,
]

const requests = exchanges.flatMap(({ id, requestBody }) => {
  const text = JSON.stringify(requestBody)
  return isObject(requestBody) && !OTHERWISE.some((other) => other.test(text)) ? [{ id, body: requestBody }] : []
})

it(`recorded requests are of the type that ours have to be of: ${requests.length} requests`, async () => {
  const problems = []
  for (const { id, body } of requests) {
    const problem = await problemOf(body, geminiWire.request)
    if (problem !== undefined) problems.push(`${id}: ${problem}`)
  }
  expect(problems).toEqual([])
})
