import type { Row } from './rows.ts'

export const HEAD = '| row | measured | bound | |\n|---|---|---|---|'

/** @param measured undefined where a peer is missing */
export function renderRow(row: Row, measured: number | undefined): string {
  const unit = row.unit ? ` ${row.unit}` : ''
  const bound = row.bound === undefined ? '–' : `≤ ${row.bound}${unit}`
  if (measured === undefined) return `| ${row.name} | peer not installed | ${bound} | – |`
  const verdict = row.bound === undefined ? '–' : isOver(row, measured) ? 'over' : 'ok'
  return `| ${row.name} | ${measured.toFixed(2)}${unit} | ${bound} | ${verdict} |`
}

export function isOver({ bound }: Row, measured: number | undefined): boolean {
  return bound !== undefined && measured !== undefined && measured > bound
}
