import {
  AI,
  type AIChatCompletion,
  type AIChatMessage,
  type AIChatStreamEvent,
  AIError,
  type AIReasoningEffort,
  advancedOptionsOf,
  aiProps,
  asStep,
  checkLength,
  checkText,
  completionFacts,
  factsOf,
  filePart,
  searchesWeb,
} from '@activepieces/pieces-common'
import {
  type ActionContext,
  type ApFile,
  createAction,
  type InputPropertyMap,
  PieceAuth,
  Property,
} from '@activepieces/pieces-framework'
import { z } from 'zod'
import { recall, remember } from './memory.ts'

/** What Ask AI gives to the steps after it. */
export const askAiOutput = z.strictObject({
  text: z.string().describe('The answer.'),
  finishReason: z.enum(['stop', 'length', 'tool-calls', 'content-filter', 'other']).describe('Why the answer ended.'),
  sources: z
    .array(z.strictObject({ url: z.string(), title: z.string().optional() }))
    .describe('The pages that the answer rests on, where the model searched the web and its vendor names them.'),
  ...completionFacts(z),
})
export type AskAiOutput = z.infer<typeof askAiOutput>

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const satisfies AIReasoningEffort[]

export const askAi = createAction({
  name: 'ask_ai',
  displayName: 'Ask AI',
  description: 'Sends a prompt to the AI provider of your choice and returns its answer.',
  requireAuth: false,
  props: {
    ...aiProps('text'),
    systemPrompt: Property.LongText({
      displayName: 'System Prompt',
      description: 'How the model should behave, e.g. its role, tone and language.',
      required: false,
    }),
    prompt: Property.LongText({ displayName: 'Prompt', required: true }),
    files: Property.Array({
      displayName: 'Files',
      description: 'Images, PDFs or texts that the prompt speaks of.',
      required: false,
      properties: { file: Property.File({ displayName: 'File', required: true }) },
    }),
    conversationKey: Property.ShortText({
      displayName: 'Conversation Key',
      description: 'Steps and runs with the same key share one conversation: the model sees its latest messages.',
      required: false,
    }),
    creativity: Property.Number({
      displayName: 'Creativity',
      description: 'From 0 (always the same answer) to 100. Leave it empty for the default of the model.',
      required: false,
    }),
    maxTokens: Property.Number({
      displayName: 'Maximum Tokens',
      description: 'The most tokens that the answer may have. Leave it empty for the limit of the model.',
      required: false,
    }),
    reasoningEffort: Property.StaticDropdown<AIReasoningEffort>({
      displayName: 'Reasoning Effort',
      description: 'How much the model thinks before it answers, where it knows efforts. Empty: as it likes.',
      required: false,
      options: { options: EFFORTS.map((effort) => ({ label: effort, value: effort })) },
    }),
    search: Property.DynamicProperties({
      auth: PieceAuth.None(),
      displayName: 'Web Search',
      required: false,
      refreshers: ['provider', 'model'],
      props: async ({ provider, model }) => searchProps(provider, model),
    }),
  },
  run: ({ propsValue, server, store, output }) => asStep(() => ask({ propsValue, server, store, output })),
})

/** A checkbox where the vendor searches the web for the model; nothing elsewhere. */
function searchProps(provider: unknown, model: unknown): InputPropertyMap {
  if (!searchesWeb(provider, model)) return {}
  return {
    webSearch: Property.Checkbox({
      displayName: 'Web Search',
      description: 'The model may search the web before it answers. The vendor charges for searches.',
      required: false,
    }),
  }
}

type Asked = {
  propsValue: {
    provider: string
    model: string
    prompt: string
    systemPrompt?: string | undefined
    files?: unknown[] | undefined
    conversationKey?: string | undefined
    creativity?: number | undefined
    maxTokens?: number | undefined
    reasoningEffort?: AIReasoningEffort | undefined
    search?: Record<string, unknown> | undefined
    advancedOptions?: Record<string, unknown> | undefined
  }
} & Pick<ActionContext, 'server' | 'store' | 'output'>

async function ask({ propsValue, server, store, output }: Asked): Promise<AskAiOutput> {
  const { provider, model, prompt, systemPrompt, conversationKey, advancedOptions } = propsValue
  // SAFETY: the items have the one property above.
  const files = ((propsValue.files ?? []) as { file: ApFile }[]).map(({ file }) => filePart(file))
  checkText(prompt, 'Prompt')
  const question: AIChatMessage = {
    role: 'user',
    content: files.length === 0 ? prompt : [{ type: 'text', text: prompt }, ...files],
  }
  const messages: AIChatMessage[] = [
    ...(systemPrompt ? [{ role: 'system' as const, content: systemPrompt }] : []),
    ...(conversationKey ? await recall(store, conversationKey) : []),
    question,
  ]
  await checkLength(messages, { provider, model })
  const events = AI({ provider, server }).chat.stream({
    model,
    messages,
    creativity: numberOf(propsValue.creativity),
    maxTokens: numberOf(propsValue.maxTokens),
    reasoningEffort: propsValue.reasoningEffort || undefined,
    webSearch: propsValue.search?.['webSearch'] === true ? true : undefined,
    advancedOptions: advancedOptionsOf(advancedOptions),
  })
  const completion = await follow(events, (text) => output.update({ data: { text } }))
  const answer = completion.choices[0]?.content ?? ''
  // Files are not kept: a conversation of texts stays within its bounds.
  const asked: AIChatMessage = { role: 'user', content: prompt }
  if (conversationKey) await remember(store, conversationKey, [asked, { role: 'assistant', content: answer }])
  return toOutput(completion, answer)
}

/** A field that was left empty may come as null or as an empty text. */
function numberOf(value: unknown): number | undefined {
  return value === undefined || value === null || value === '' ? undefined : Number(value)
}

/** Follows the stream to its end and shows the answer so far, a few times a second. */
async function follow(
  events: AsyncIterable<AIChatStreamEvent>,
  show: (text: string) => Promise<void>,
): Promise<AIChatCompletion> {
  let text = ''
  let shownAt = 0
  for await (const event of events) {
    if (event.type === 'text-delta') text += event.text
    if (event.type === 'text-delta' && Date.now() - shownAt >= SHOW_EVERY_MS) {
      shownAt = Date.now()
      await show(text)
    }
    if (event.type !== 'end') continue
    if (event.completeness === 'complete') return event.completion
    const message = `The answer broke off after ${text.length} characters.`
    throw new AIError({ code: 'interrupted', message, partial: event.completion })
  }
  throw new AIError({ code: 'interrupted', message: 'The answer never came to an end.' })
}

const SHOW_EVERY_MS = 100

function toOutput(completion: AIChatCompletion, text: string): AskAiOutput {
  const { finishReason, sources = [] } = completion
  const facts = factsOf(completion)
  const noText =
    text === '' ? [`The answer has no text: finish reason ${completion.rawFinishReason ?? finishReason}.`] : []
  return { text, finishReason, sources, ...facts, warnings: [...facts.warnings, ...noText] }
}
