import {
  AI,
  type AIChatMessage,
  type AIContentPart,
  advancedOptionsOf,
  aiProps,
  asStep,
  checkLength,
  completionFacts,
  factsOf,
} from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** Output of Describe Image. */
export const describeImageOutput = z.strictObject({
  text: z.string().describe('The description, or the answer to the question.'),
  ...completionFacts(z),
})
export type DescribeImageOutput = z.infer<typeof describeImageOutput>

export const describeImage = createAction({
  name: 'describe_image',
  displayName: 'Describe Image',
  description: 'Describes an image or answers a question about it.',
  requireAuth: false,
  props: {
    ...aiProps('text'),
    image: Property.File({ displayName: 'Image', description: 'PNG, JPEG, GIF or WebP.', required: true }),
    question: Property.LongText({
      displayName: 'Question',
      description: 'A question about the image. Leave blank for a description.',
      required: false,
    }),
  },
  run: ({ propsValue, server }) =>
    asStep(async (): Promise<DescribeImageOutput> => {
      const { provider, model, image, question, advancedOptions } = propsValue
      const content: AIContentPart[] = [
        { type: 'text', text: question || 'Describe this image.' },
        { type: 'image', image },
      ]
      const messages: AIChatMessage[] = [{ role: 'user', content }]
      await checkLength(messages, { provider, model })
      const completion = await AI({ provider, server }).chat.text({
        model,
        messages,
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      return { text: completion.choices[0]?.content ?? '', ...factsOf(completion) }
    }),
})
