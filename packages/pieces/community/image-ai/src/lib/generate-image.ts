import { AI, AIError, advancedOptionsOf, aiProps, asStep, checkText } from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { type ImageOutput, saveImages } from './image-output.ts'
import { countOf, imageProps } from './image-props.ts'

export const generateImage = createAction({
  name: 'generate_image',
  displayName: 'Generate Image',
  description: 'Generates images from a prompt.',
  requireAuth: false,
  props: {
    ...aiProps('image'),
    prompt: Property.LongText({ displayName: 'Prompt', description: 'What the image should show.', required: true }),
    ...imageProps,
  },
  run: ({ propsValue, server, files }) =>
    asStep(async (): Promise<ImageOutput> => {
      const { provider, model, prompt, size, count, advancedOptions } = propsValue
      checkText(prompt, 'Prompt')
      const n = countOf(count)
      const ai = AI({ provider, server })
      if (!ai.image) throw unsupported(provider, 'image generation')
      const response = await ai.image.generate({
        model,
        prompt,
        n,
        size: size || undefined,
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      return await saveImages(response, files, 'image')
    }),
})

/** Creates the error for a provider that does not support the feature. */
export function unsupported(provider: string, feature: string): AIError {
  return new AIError({
    code: 'unsupported',
    message: `The AI provider "${provider}" does not support ${feature}.`,
    provider,
  })
}
