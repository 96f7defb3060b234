import type { SVGProps } from 'react'

/** Line drawings of 24 by 24, in the colour of the text around them. They say nothing by themselves: a label stands beside. */
const DRAWINGS = {
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  play: 'M7 4.5v15l12-7.5z',
  chart: 'M4 20h16M7 16v-5M12 16V6M17 16v-8',
  key: 'M14.5 9.5a4.5 4.5 0 1 0-4.3 4.5L12 16h2v2h2v2h4v-4l-5.7-5.7M8.5 9h.01',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  book: 'M5 4h5a2 2 0 0 1 2 2v14a2 2 0 0 0-2-2H5zM19 4h-5a2 2 0 0 0-2 2v14a2 2 0 0 1 2-2h5z',
  leave: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H10',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v1M12 20v1M3 12h1M20 12h1M5.6 5.6l.7.7M17.7 17.7l.7.7M5.6 18.4l.7-.7M17.7 6.3l.7-.7',
  moon: 'M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.5 15.5L20 20',
  plus: 'M12 5v14M5 12h14',
  more: 'M12 6h.01M12 12h.01M12 18h.01',
  pencil: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  pulse: 'M3 12h4l3-7 4 14 3-7h4',
  bolt: 'M13 3L5 14h6l-1 7 8-11h-6z',
  heart: 'M12 20s-7-4.4-7-10a4 4 0 0 1 7-2.6A4 4 0 0 1 19 10c0 5.600-7 10-7 10z',
  bin: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  download: 'M12 4v11M7.500 11l4.500 4 4.500-4M5 20h14',
  menu: 'M4 7h16M4 12h16M4 17h16',
} as const

export type IconName = keyof typeof DRAWINGS

type IconProps = { readonly name: IconName; readonly size?: number } & Omit<SVGProps<SVGSVGElement>, 'name'>

export function Icon({ name, size = 18, ...rest }: IconProps) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.6 : 1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flexShrink: 0 }}
      {...rest}
    >
      <path d={DRAWINGS[name]} />
    </svg>
  )
}
