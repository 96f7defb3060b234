import { type CSSVariablesResolver, createTheme, Drawer, type MantineColorsTuple, Modal } from '@mantine/core'
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
    // The page has one banner: the heads of dialogs are none.
    Drawer: Drawer.extend({ defaultProps: { attributes: { header: { role: 'none' } } } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        attributes: { header: { role: 'none' } },
        padding: 'lg',
        styles: { title: { fontSize: '1.15rem', fontWeight: 650 } },
        size: 'lg',
        closeButtonProps: { 'aria-label': STRINGS.close },
        returnFocus: true,
      },
    }),
  },
})

/** The grounds, lines and quiet texts of either scheme. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1c2029',
    '--mantine-color-dimmed': '#5b6472',
    '--mantine-color-placeholder': '#6b7483',
    '--mantine-color-anchor': '#3740ab',
    '--mantine-color-error': '#c0262d',
    '--console-surface': '#ffffff',
    '--console-ground': '#f6f7f9',
    '--console-line': '#e3e6eb',
  },
  dark: {
    '--mantine-color-body': '#1b1e25',
    '--mantine-color-text': '#d9dde4',
    '--mantine-color-dimmed': '#a3acba',
    '--mantine-color-placeholder': '#8d96a5',
    '--mantine-color-anchor': '#a6adf5',
    '--mantine-color-error': '#ff8f8f',
    '--console-surface': '#1b1e25',
    '--console-ground': '#13151a',
    '--console-line': '#2c313b',
  },
})
