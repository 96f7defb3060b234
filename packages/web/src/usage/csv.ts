import type { UsageSummary } from '@activepieces/contract'

const FIELDS = [
  'calls',
  'failedCalls',
  'unpricedCalls',
  'estimatedCalls',
  'promptTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'completionTokens',
  'reasoningTokens',
  'costUsd',
  'medianFirstByteMs',
] as const satisfies readonly (keyof UsageSummary['data'][number])[]

/** Sums as CSV (RFC 4180), a line a group under a line of names. */
export function csvOf(groupedBy: string, rows: UsageSummary['data']): string {
  const lines = rows.map((row) => [row.group ?? '', ...FIELDS.map((field) => row[field] ?? '')])
  return [[groupedBy, ...FIELDS], ...lines].map((cells) => cells.map(cellOf).join(',')).join('\r\n')
}

/** What a spreadsheet would take for a formula begins with an apostrophe. */
function cellOf(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Saves a text as a file of the reader. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
