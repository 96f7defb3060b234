import type { Check, Context } from '../check.ts'
import { hasChat } from '../context.ts'
import { equal, errorOf, ok } from '../expect.ts'

/** Checks of the vendor's own web search, which works for models that declare it and is rejected for others. */
export const SEARCH_CHECKS: readonly Check[] = [
  {
    name: "W01 web search is requested in the vendor's own format",
    applies: (context) => searches(context),
    sendsUntyped: true, // gateways have their own fields for it
    run: async ({ vendor, encodeReply, ask, sent, modes, supports }) => {
      vendor.respondWith(encodeReply({ text: 'Found.' }))
      for (const mode of modes) {
        await ask(mode)
        const without = requestText(sent())
        const { completion } = await ask(mode, { webSearch: true })
        equal(completion.choices[0]?.content, 'Found.', `${mode}: the text`)
        equal(completion.warnings, [], `${mode}: the warnings`)
        ok(!('webSearch' in sent().body), `${mode}: the library's parameter name is in the request`)
        ok(
          supports('alwaysSearches') || requestText(sent()) !== without,
          `${mode}: the request does not ask for a search`,
        )
        equal(sent().decoded.turns.length, 1, `${mode}: the number of messages sent`)
      }
    },
  },
  {
    name: 'W02 web search on a model without it is rejected before anything is sent',
    applies: (context) => hasChat(context.entry) && !searches(context),
    run: async ({ vendor, ask, modes }) => {
      for (const mode of modes) {
        const error = await errorOf(() => ask(mode, { webSearch: true }))
        equal(
          [error.code, error.parameter],
          ['unsupported', 'webSearch'],
          `${mode}: the code and parameter of the error`,
        )
        equal(vendor.requests.length, 0, `${mode}: the number of requests`)
      }
    },
  },
]

function requestText({ path, body }: { path: string; body: object }): string {
  return `${path} ${JSON.stringify(body)}`
}

function searches({ entry, model }: Context): boolean {
  const { chat } = entry.factory({ serverUrl: 'http://127.0.0.1:9', engineToken: 'none' })
  return hasChat(entry) && (chat.webSearch?.(model) ?? false)
}
