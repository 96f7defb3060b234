import type { Check, Context } from '../check.ts'
import { hasChat } from '../context.ts'
import { equal, errorOf, ok } from '../expect.ts'

/** The vendor's own search of the web: there for the models that declare it, refused for the others. */
export const SEARCH_CHECKS: readonly Check[] = [
  {
    name: 'W01 a model that searches the web is asked to, in the words of its vendor',
    applies: (context) => searches(context),
    sendsUntyped: true, // gateways have fields of their own for it
    run: async ({ vendor, encodeReply, ask, sent, modes, supports }) => {
      vendor.respondWith(encodeReply({ text: 'Found.' }))
      for (const mode of modes) {
        await ask(mode)
        const without = wordsOf(sent())
        const { completion } = await ask(mode, { webSearch: true })
        equal(completion.choices[0]?.content, 'Found.', `${mode}: the text`)
        equal(completion.warnings, [], `${mode}: the warnings`)
        ok(!('webSearch' in sent().body), `${mode}: our own name of the parameter is in the request`)
        ok(
          supports('alwaysSearches') || wordsOf(sent()) !== without,
          `${mode}: nothing in the request asks for a search`,
        )
        equal(sent().decoded.turns.length, 1, `${mode}: the number of messages as they are sent`)
      }
    },
  },
  {
    name: 'W02 a model that does not search the web says so before anything is sent',
    applies: (context) => hasChat(context.entry) && !searches(context),
    run: async ({ vendor, ask, modes }) => {
      for (const mode of modes) {
        const error = await errorOf(() => ask(mode, { webSearch: true }))
        equal([error.code, error.parameter], ['unsupported', 'webSearch'], `${mode}: code and parameter of the error`)
        equal(vendor.requests.length, 0, `${mode}: requests sent`)
      }
    },
  },
]

function wordsOf({ path, body }: { path: string; body: object }): string {
  return `${path} ${JSON.stringify(body)}`
}

function searches({ entry, model }: Context): boolean {
  const { chat } = entry.factory({ serverUrl: 'http://127.0.0.1:9', engineToken: 'none' })
  return hasChat(entry) && (chat.webSearch?.(model) ?? false)
}
