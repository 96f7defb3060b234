import {
  AI,
  type AIChatCompletion,
  type AIChatMessage,
  type AIChatStreamEvent,
  AIError,
  aiProps,
} from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { z } from 'zod'
import { recall, remember } from './memory.ts'

/** What Ask AI gives to the steps after it. */
export const askAiOutput = z.strictObject({
  text: z.string().describe('The answer.'),
  model: z.string().describe('The model that answered.'),
  finishReason: z.enum(['stop', 'length', 'tool-calls', 'content-filter', 'other']).describe('Why the answer ended.'),
  usage: z.strictObject({
    promptTokens: z.number().optional(),
    completionTokens: z.number().optional(),
    totalTokens: z.number().optional(),
  }),
  warnings: z.array(z.string()).describe('What was left out or changed in the request, and why.'),
})
export type AskAiOutput = z.infer<typeof askAiOutput>

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
  },
  async run({ propsValue, server, store, output }): Promise<AskAiOutput> {
    const { provider, model, prompt, systemPrompt, conversationKey, creativity, maxTokens } = propsValue
    const question: AIChatMessage = { role: 'user', content: prompt }
    const messages: AIChatMessage[] = [
      ...(systemPrompt ? [{ role: 'system' as const, content: systemPrompt }] : []),
      ...(conversationKey ? await recall(store, conversationKey) : []),
      question,
    ]
    const events = AI({ provider, server }).chat.stream({ model, messages, creativity, maxTokens })
    const completion = await follow(events, (text) => output.update({ data: { text } }))
    const answer = completion.choices[0]?.content ?? ''
    if (conversationKey) await remember(store, conversationKey, [question, { role: 'assistant', content: answer }])
    return toOutput(completion, answer)
  },
})

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
  const { promptTokens, completionTokens, totalTokens } = completion.usage
  const { finishReason, warnings, model } = completion
  const noText =
    text === '' ? [`The answer has no text: finish reason ${completion.rawFinishReason ?? finishReason}.`] : []
  return {
    text,
    model,
    finishReason,
    usage: {
      ...(promptTokens !== undefined && { promptTokens }),
      ...(completionTokens !== undefined && { completionTokens }),
      ...(totalTokens !== undefined && { totalTokens }),
    },
    warnings: [...warnings.map((warning) => warning.message), ...noText],
  }
}
