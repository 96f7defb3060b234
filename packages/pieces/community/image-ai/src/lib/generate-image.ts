import { AI, AIError, advancedOptionsOf, aiProps, asStep, checkText } from '@activepieces/pieces-common'
import { createAction, Property } from '@activepieces/pieces-framework'
import { type ImageOutput, keepImages } from './image-output.ts'
import { countOf, imageProps } from './image-props.ts'

export const generateImage = createAction({
  name: 'generate_image',
  displayName: 'Generate Image',
  description: 'Makes one image or several of a description.',
  requireAuth: false,
  props: {
    ...aiProps('image'),
    prompt: Property.LongText({ displayName: 'Prompt', description: 'What the image shows.', required: true }),
    ...imageProps,
  },
  run: ({ propsValue, server, files }) =>
    asStep(async (): Promise<ImageOutput> => {
      const { provider, model, prompt, size, count, advancedOptions } = propsValue
      checkText(prompt, 'Prompt')
      const n = countOf(count)
      const ai = AI({ provider, server })
      if (!ai.image) throw cannot(provider, 'makes no images')
      const reply = await ai.image.generate({
        model,
        prompt,
        n,
        size: size || undefined,
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      return await keepImages(reply, files, 'image')
    }),
})

/** The error of a provider that lacks what the action needs. */
export function cannot(provider: string, what: string): AIError {
  return new AIError({ code: 'unsupported', message: `The AI provider "${provider}" ${what}.`, provider })
}
