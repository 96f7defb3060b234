import { AIError } from '@activepieces/pieces-common'
import { Property } from '@activepieces/pieces-framework'

/** What every vendor's images have: how large they are, and how many. */
export const imageProps = {
  size: Property.StaticDropdown<string>({
    displayName: 'Size',
    description: 'Width and height in pixels. Vendors that know ratios alone get the ratio. Empty: the vendor chooses.',
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
    description: 'From 1 to 10. Empty: one.',
    required: false,
  }),
}

/** The number of images, by the name that the flow's author knows. @throws AIError `invalid-request` */
export function countOf(count: unknown): number | undefined {
  if (count === undefined || count === null || count === '') return undefined
  const number = Number(count)
  if (Number.isInteger(number) && number >= 1 && number <= 10) return number
  const message = `"Number of Images" is ${String(count)}; allowed is a whole number from 1 to 10.`
  throw new AIError({ code: 'invalid-request', message, parameter: 'count' })
}
