import { AI, advancedOptionsOf, aiProps, asStep } from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** What Describe Image gives to the steps after it. */
export const describeImageOutput = z.strictObject({
  text: z.string().describe('What the model sees.'),
  model: z.string().describe('The model that answered.'),
  warnings: z.array(z.string()).describe('What was left out or changed in the request, and why.'),
})
export type DescribeImageOutput = z.infer<typeof describeImageOutput>

export const describeImage = createAction({
  name: 'describe_image',
  displayName: 'Describe Image',
  description: 'Says in words what an image shows.',
  requireAuth: false,
  props: {
    ...aiProps('text'),
    image: Property.File({ displayName: 'Image', description: 'PNG, JPEG, GIF or WebP.', required: true }),
    question: Property.LongText({
      displayName: 'Question',
      description: 'What is asked of the image. Empty: what it shows.',
      required: false,
    }),
  },
  run: ({ propsValue, server }) =>
    asStep(async (): Promise<DescribeImageOutput> => {
      const { provider, model, image, question, advancedOptions } = propsValue
      const { choices, ...completion } = await AI({ provider, server }).chat.text({
        model,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: question || 'Describe this image.' },
              { type: 'image', image },
            ],
          },
        ],
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      return {
        text: choices[0]?.content ?? '',
        model: completion.model,
        warnings: completion.warnings.map(({ message }) => message),
      }
    }),
})
