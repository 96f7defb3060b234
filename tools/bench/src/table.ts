import type { Row } from './rows.ts'

export const HEAD = '| row | measured | bound | |\n|---|---|---|---|'

/** @param measured undefined if a peer is not installed */
export function renderRow(row: Row, measured: number | undefined): string {
  const unit = row.unit ? ` ${row.unit}` : ''
  const bound = boundOf(row, unit)
  if (measured === undefined) return `| ${row.name} | peer not installed | ${bound} | – |`
  const verdict = bound === '–' ? '–' : isOver(row, measured) ? 'over' : 'ok'
  return `| ${row.name} | ${measured.toFixed(2)}${unit} | ${bound} | ${verdict} |`
}

export function isOver({ bound, least }: Row, measured: number | undefined): boolean {
  if (measured === undefined) return false
  return (bound !== undefined && !(measured <= bound)) || (least !== undefined && !(measured >= least))
}

function boundOf({ bound, least }: Row, unit: string): string {
  if (least !== undefined) return `≥ ${least}${unit}`
  return bound === undefined ? '–' : `≤ ${bound}${unit}`
}
