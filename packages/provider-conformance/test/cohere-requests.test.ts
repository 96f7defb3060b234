// No SDK declares what Cohere takes: so the type of ours is held against requests that the vendor has answered.
import { expect, it } from 'vitest'
import { isObject } from '../src/hostile-server.ts'
import { loadExchanges } from '../src/index.ts'
import { problemOf } from '../src/request-schema.ts'
import { cohereChatWire } from '../src/wires/cohere-chat.ts'

const exchanges = await loadExchanges(
  ({ vendor, path, status }) => vendor === 'cohere' && path === '/v2/chat' && status === 200,
)

it(`recorded requests are of the type that ours have to be of: ${exchanges.length} requests`, async () => {
  const problems = []
  for (const { id, requestBody } of exchanges) {
    if (!isObject(requestBody)) continue // recorded without it
    const problem = await problemOf(requestBody, cohereChatWire.request)
    if (problem !== undefined) problems.push(`${id}: ${problem}`)
  }
  expect(problems).toEqual([])
})
