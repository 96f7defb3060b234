import type { AIChatCompletionUsage } from '@activepieces/pieces-common'
import type { Check, Context } from '../check.ts'
import { equal, ok } from '../expect.ts'
import type { UsageFixture } from '../protocols/protocol.ts'
import { sse } from '../targets/responses.ts'

/** Checks of usage. */
export const USAGE_CHECKS: readonly Check[] = [
  {
    name: 'U01 non-negative integers',
    everywhere: true,
    run: async ({ vendor, encodeReply, ask, sent, modes, scripted, protocol }) => {
      vendor.respondWith(encodeReply({ text: 'Hello.', usage: { prompt: 37, completion: 11 } }))
      for (const mode of modes) {
        const { usage } = (await ask(mode, HELLO)).completion
        // Vendors without stream_options always report usage; the emulator does not.
        const asked = mode === 'plain' || protocol.name !== 'chat-completions' || 'stream_options' in sent().body
        if (!scripted && !asked) continue
        for (const field of ['promptTokens', 'completionTokens', 'totalTokens'] as const) {
          const tokens = usage[field]
          ok(
            Number.isInteger(tokens) && Number(tokens) >= 0,
            `${mode}: ${field} is ${tokens}; expected a non-negative integer`,
          )
        }
        if (scripted) equal(threeOf(usage), [37, 11, 48], `${mode}: prompt, completion and total`)
        ok(usage.raw !== undefined, `${mode}: the vendor's own usage is not kept`)
      }
    },
  },
  { name: 'U02 parts are disjoint and add up', run: partsSumUp },
  {
    name: 'U03 in a stream: counted once, at the end',
    needs: ['stream'],
    run: async ({ vendor, protocol, ask }) => {
      const encoded = protocol.encodeEvents({ text: 'Hello.', usage: { prompt: 37, completion: 11 } })
      // Usage events are cumulative, so a repeated event must not be added.
      vendor.respondWith(sse([...encoded.slice(0, -1), ...encoded.slice(-2)].join('')))
      const { completion } = await ask('stream', HELLO)
      equal(threeOf(completion.usage), [37, 11, 48], 'prompt, completion and total')
    },
  },
  {
    name: 'U04 unreported usage is undefined, not 0',
    run: async ({ vendor, encodeReply, ask, modes }) => {
      for (const mode of modes) {
        vendor.respondWith(encodeReply({ text: 'Hello.', usage: null }))
        equal(
          threeOf((await ask(mode, HELLO)).completion.usage),
          [undefined, undefined, undefined],
          `${mode}: the usage`,
        )
        vendor.respondWith(encodeReply({ text: 'Hello.', usage: { prompt: 0, completion: 0 } }))
        equal(threeOf((await ask(mode, HELLO)).completion.usage), [0, 0, 0], `${mode}: usage of zero`)
        const { cacheReadTokens, cacheWriteTokens, reasoningTokens } = (await ask(mode, HELLO)).completion.usage
        equal(
          [cacheReadTokens, cacheWriteTokens, reasoningTokens],
          [undefined, undefined, undefined],
          `${mode}: the parts`,
        )
      }
    },
  },
  {
    name: 'U05 cache',
    run: (context) => counted(context, { prompt: 1000, completion: 5, cacheRead: 800 }, { cacheReadTokens: 800 }),
  },
  {
    name: 'U06 reasoning',
    applies: ({ protocol }) => protocol.features.countsReasoning,
    run: (context) => counted(context, { prompt: 10, completion: 50, reasoning: 40 }, { reasoningTokens: 40 }),
  },
]

const HELLO = { messages: [{ role: 'user' as const, content: 'Say the word "hello" and nothing else.' }] }

function threeOf({ promptTokens, completionTokens, totalTokens }: AIChatCompletionUsage) {
  return [promptTokens, completionTokens, totalTokens]
}

async function counted(
  context: Context,
  reported: UsageFixture,
  expected: Partial<AIChatCompletionUsage>,
): Promise<void> {
  const { vendor, encodeReply, ask, modes } = context
  for (const mode of modes) {
    vendor.respondWith(encodeReply({ text: 'Hello.', usage: reported }))
    const { usage } = (await ask(mode, HELLO)).completion
    equal(
      threeOf(usage),
      [reported.prompt, reported.completion, reported.prompt + reported.completion],
      `${mode}: the usage`,
    )
    for (const [field, tokens] of Object.entries(expected))
      equal(Reflect.get(usage, field), tokens, `${mode}: ${field}`)
  }
}

async function partsSumUp({ vendor, encodeReply, ask, modes }: Context): Promise<void> {
  const usages: UsageFixture[] = [
    { prompt: 1000, completion: 50 },
    { prompt: 1000, completion: 50, cacheRead: 600 },
    { prompt: 1000, completion: 50, cacheRead: 600, cacheWrite: 300 },
    { prompt: 1000, completion: 50, cacheRead: 0, reasoning: 30 },
  ]
  for (const mode of modes) {
    for (const reported of usages) {
      vendor.respondWith(encodeReply({ text: 'Hello.', usage: reported }))
      const { usage } = (await ask(mode, HELLO)).completion
      const { uncached, cacheRead, cacheWrite, output, reasoning } = usage.parts ?? {}
      const sum = (...parts: (number | undefined)[]) => parts.reduce<number>((total, part) => total + (part ?? 0), 0)
      const what = `${mode}: ${JSON.stringify(reported)}: `
      equal(sum(uncached, cacheRead, cacheWrite), reported.prompt, `${what}uncached + cache read + cache write`)
      equal(sum(output, reasoning), reported.completion, `${what}output + reasoning`)
      equal(cacheRead ?? 0, reported.cacheRead ?? 0, `${what}cache read`)
    }
  }
}
