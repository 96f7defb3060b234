import { createTheme, type MantineColorsTuple, Modal } from '@mantine/core'
import { STRINGS } from './strings.ts'

/** A quiet violet-blue. */
const brand: MantineColorsTuple = [
  '#eff0ff',
  '#dddffb',
  '#b8bcf2',
  '#9097ea',
  '#6f78e3',
  '#5b64df',
  '#4c56d6',
  '#3f48be',
  '#3740ab',
  '#2b3597',
]

/** Readable on both schemes: text and controls have a contrast of 4.5 or more on their ground. */
export const theme = createTheme({
  primaryColor: 'brand',
  colors: { brand },
  primaryShade: { light: 6, dark: 6 },
  autoContrast: true,
  cursorType: 'pointer',
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.6rem', lineHeight: '1.25' } } },
  components: {
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        size: 'lg',
        closeButtonProps: { 'aria-label': STRINGS.close },
        returnFocus: true,
      },
    }),
  },
})
