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
