import { AIError } from '@activepieces/pieces-common'
import { Property } from '@activepieces/pieces-framework'

/** Properties that all image actions share: size and number of images. */
export const imageProps = {
  size: Property.StaticDropdown<string>({
    displayName: 'Size',
    description:
      "Width and height in pixels. Some providers use only the aspect ratio. Leave blank for the provider's default.",
    required: false,
    options: {
      options: ['1024x1024', '1536x1024', '1024x1536', '1920x1080', '1080x1920'].map((size) => ({
        label: size,
        value: size,
      })),
    },
  }),
  count: Property.Number({
    displayName: 'Number of Images',
    description: 'From 1 to 10. Leave blank for one image.',
    required: false,
  }),
}

/** Reads the number of images. @throws AIError `invalid-request` naming the property as the form shows it */
export function countOf(count: unknown): number | undefined {
  if (count === undefined || count === null || count === '') return undefined
  const number = Number(count)
  if (Number.isInteger(number) && number >= 1 && number <= 10) return number
  const message = `"Number of Images" must be a whole number from 1 to 10, got ${String(count)}.`
  throw new AIError({ code: 'invalid-request', message, parameter: 'count' })
}
