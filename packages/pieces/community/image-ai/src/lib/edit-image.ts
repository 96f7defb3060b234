import { AI, advancedOptionsOf, aiProps, asStep, checkText } from '@activepieces/pieces-common'
import { type ApFile, createAction, Property } from '@activepieces/pieces-framework'
import { unsupported } from './generate-image.ts'
import { type ImageOutput, saveImages } from './image-output.ts'
import { countOf, imageProps } from './image-props.ts'

export const editImage = createAction({
  name: 'edit_image',
  displayName: 'Edit Image',
  description: 'Edits an image, or combines several, as the prompt describes.',
  requireAuth: false,
  props: {
    ...aiProps('image'),
    image: Property.File({ displayName: 'Image', description: 'PNG, JPEG or WebP.', required: true }),
    further: Property.Array({
      displayName: 'Additional Images',
      description: 'Up to 15 more images that the prompt refers to.',
      required: false,
      properties: { image: Property.File({ displayName: 'Image', required: true }) },
    }),
    mask: Property.File({
      displayName: 'Mask',
      description:
        'A PNG of the same size as the image. Its transparent areas are edited. Few providers support masks.',
      required: false,
    }),
    prompt: Property.LongText({ displayName: 'Prompt', description: 'What to change.', required: true }),
    ...imageProps,
  },
  run: ({ propsValue, server, files }) =>
    asStep(async (): Promise<ImageOutput> => {
      const { provider, model, prompt, size, count, image, further, mask, advancedOptions } = propsValue
      checkText(prompt, 'Prompt')
      const n = countOf(count)
      const ai = AI({ provider, server })
      if (!ai.image) throw unsupported(provider, 'image editing')
      // SAFETY: each item has the one property declared above.
      const more = ((further ?? []) as { image: ApFile }[]).map((item) => item.image)
      const response = await ai.image.edit({
        model,
        prompt,
        images: [image, ...more],
        mask: mask ?? undefined,
        n,
        size: size || undefined,
        advancedOptions: advancedOptionsOf(advancedOptions),
      })
      return await saveImages(response, files, 'edited-image')
    }),
})
