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

/** Output of Ask AI. */
export const askAiOutput = z.strictObject({
  text: z.string().describe('The completion.'),
  finishReason: z.enum(['stop', 'length', 'tool-calls', 'content-filter', 'other']).describe('Why the model stopped.'),
  sources: z
    .array(z.strictObject({ url: z.string(), title: z.string().optional() }))
    .describe('Web pages that the completion cites, if the model searched the web and the provider reports them.'),
  ...completionFacts(z),
})
export type AskAiOutput = z.infer<typeof askAiOutput>

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const satisfies AIReasoningEffort[]

export const askAi = createAction({
  name: 'ask_ai',
  displayName: 'Ask AI',
  description: 'Sends a prompt to an AI provider and returns its completion.',
  requireAuth: false,
  props: {
    ...aiProps('text'),
    systemPrompt: Property.LongText({
      displayName: 'System Prompt',
      description: 'How the model should behave, such as its role, tone and language.',
      required: false,
    }),
    prompt: Property.LongText({ displayName: 'Prompt', required: true }),
    files: Property.Array({
      displayName: 'Files',
      description: 'Images, PDFs or text files to send with the prompt.',
      required: false,
      properties: { file: Property.File({ displayName: 'File', required: true }) },
    }),
    conversationKey: Property.ShortText({
      displayName: 'Conversation Key',
      description: 'Steps and runs with the same key share a conversation. The model sees its most recent messages.',
      required: false,
    }),
    creativity: Property.Number({
      displayName: 'Creativity',
      description: "From 0 (most predictable) to 100 (most varied). Leave blank for the model's default.",
      required: false,
    }),
    maxTokens: Property.Number({
      displayName: 'Maximum Tokens',
      description: "Maximum length of the completion, in tokens. Leave blank for the model's limit.",
      required: false,
    }),
    reasoningEffort: Property.StaticDropdown<AIReasoningEffort>({
      displayName: 'Reasoning Effort',
      description: "How long the model reasons before answering, if supported. Leave blank for the model's default.",
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

/** A checkbox if the model supports web search, otherwise no properties. */
function searchProps(provider: unknown, model: unknown): InputPropertyMap {
  if (!searchesWeb(provider, model)) return {}
  return {
    webSearch: Property.Checkbox({
      displayName: 'Web Search',
      description: 'Lets the model search the web before answering. Providers charge for searches.',
      required: false,
    }),
  }
}

type AskContext = {
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

async function ask({ propsValue, server, store, output }: AskContext): Promise<AskAiOutput> {
  const { provider, model, prompt, systemPrompt, conversationKey, advancedOptions } = propsValue
  // SAFETY: each item has the one property declared above.
  const files = ((propsValue.files ?? []) as { file: ApFile }[]).map(({ file }) => filePart(file))
  checkText(prompt, 'Prompt')
  const userMessage: AIChatMessage = {
    role: 'user',
    content: files.length === 0 ? prompt : [{ type: 'text', text: prompt }, ...files],
  }
  const messages: AIChatMessage[] = [
    ...(systemPrompt ? [{ role: 'system' as const, content: systemPrompt }] : []),
    ...(conversationKey ? await recall(store, conversationKey) : []),
    userMessage,
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
  const completion = await consume(events, (text) => output.update({ data: { text } }))
  const text = completion.choices[0]?.content ?? ''
  // Files are not stored: they would exceed the size limit of a conversation.
  const textOnly: AIChatMessage = { role: 'user', content: prompt }
  if (conversationKey) await remember(store, conversationKey, [textOnly, { role: 'assistant', content: text }])
  return toOutput(completion, text)
}

/** A blank field may arrive as null or as an empty string. */
function numberOf(value: unknown): number | undefined {
  return value === undefined || value === null || value === '' ? undefined : Number(value)
}

/** Reads the stream to its end and shows the text received so far, a few times a second. */
async function consume(
  events: AsyncIterable<AIChatStreamEvent>,
  show: (text: string) => Promise<void>,
): Promise<AIChatCompletion> {
  let text = ''
  let shownAt = 0
  for await (const event of events) {
    if (event.type === 'text-delta') text += event.text
    if (event.type === 'text-delta' && Date.now() - shownAt >= SHOW_INTERVAL_MS) {
      shownAt = Date.now()
      await show(text)
    }
    if (event.type !== 'end') continue
    if (event.completeness === 'complete') return event.completion
    const message = `The completion was cut off after ${text.length} characters.`
    throw new AIError({ code: 'interrupted', message, partial: event.completion })
  }
  throw new AIError({ code: 'interrupted', message: 'The stream ended before the completion was finished.' })
}

const SHOW_INTERVAL_MS = 100

function toOutput(completion: AIChatCompletion, text: string): AskAiOutput {
  const { finishReason, sources = [] } = completion
  const facts = factsOf(completion)
  const noText =
    text === ''
      ? [`The completion contains no text. Finish reason: ${completion.rawFinishReason ?? finishReason}.`]
      : []
  return { text, finishReason, sources, ...facts, warnings: [...facts.warnings, ...noText] }
}
