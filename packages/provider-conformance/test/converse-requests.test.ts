// AWS's SDK types requests with bytes in the place of base64: so the type of ours is held against requests that were answered.
import { expect, it } from 'vitest'
import { isObject } from '../src/hostile-server.ts'
import { loadExchanges } from '../src/index.ts'
import { problemOf } from '../src/request-schema.ts'
import { bedrockConverseWire } from '../src/wires/bedrock-converse.ts'

const exchanges = await loadExchanges(
  ({ vendor, api, status, provenance }) =>
    vendor === 'bedrock' && api.startsWith('converse') && status === 200 && provenance !== 'fixture',
)

/** The vendor takes other fields too: ours are never so. */
const OTHERWISE =
  /"(guardrailConfig|guardContent|systemTool|citationsContent|performanceConfig|requestMetadata|citations)":/

const requests = exchanges.flatMap(({ id, requestBody }) =>
  isObject(requestBody) && !OTHERWISE.test(JSON.stringify(requestBody)) ? [{ id, body: requestBody }] : [],
)

it(`recorded requests are of the type that ours have to be of: ${requests.length} requests`, async () => {
  const problems = []
  for (const { id, body } of requests) {
    const problem = await problemOf(body, bedrockConverseWire.request)
    if (problem !== undefined) problems.push(`${id}: ${problem}`)
  }
  expect(problems).toEqual([])
})
