import { AI, advancedOptionsOf, aiProps, asStep, checkText } from '@activepieces/pieces-common'
import { type ApFile, createAction, Property } from '@activepieces/pieces-framework'
import { cannot } from './generate-image.ts'
import { type ImageOutput, keepImages } from './image-output.ts'
import { countOf, imageProps } from './image-props.ts'

export const editImage = createAction({
  name: 'edit_image',
  displayName: 'Edit Image',
  description: 'Changes an image, or makes one out of several, as the prompt says.',
  requireAuth: false,
  props: {
    ...aiProps('image'),
    image: Property.File({ displayName: 'Image', description: 'PNG, JPEG or WebP.', required: true }),
    further: Property.Array({
      displayName: 'Further Images',
      description: 'Up to 15 more that the prompt speaks of.',
      required: false,
      properties: { image: Property.File({ displayName: 'Image', required: true }) },
    }),
    mask: Property.File({
      displayName: 'Mask',
      description: "A PNG of the image's size: what is transparent in it is to be changed. Few vendors take one.",
      required: false,
    }),
    prompt: Property.LongText({ displayName: 'Prompt', description: 'What is to be changed.', required: true }),
    ...imageProps,
  },
  run: ({ propsValue, server, files }) =>
    asStep(async (): Promise<ImageOutput> => {
      const { provider, model, prompt, size, count, image, further, mask, advancedOptions } = propsValue
      checkText(prompt, 'Prompt')
      const n = countOf(count)
      const ai = AI({ provider, server })
      if (!ai.image) throw cannot(provider, 'changes no images')
      // SAFETY: the items have the one property above.
      const more = ((further ?? []) as { image: ApFile }[]).map((item) => item.image)
      const reply = await ai.image.edit({
        model,
        prompt,
        images: [image, ...more],
        mask: mask ?? undefined,
        n,
        size: size || undefined,
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      return await keepImages(reply, files, 'edited-image')
    }),
})
