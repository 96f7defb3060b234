/** US dollars as people read them: to the cent, and small ones to two digits that say something. */
export function money(usd: number): string {
  if (usd === 0) return '$0'
  const digits = Math.abs(usd) < 0.01 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 }
  return new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', ...digits }).format(usd)
}

export function count(value: number): string {
  return new Intl.NumberFormat('en').format(value)
}

/** `1.2M` for columns that are narrow. */
export function shortCount(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
}

/** @param ms milliseconds */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

/** A moment in the reader's own time zone. */
export function moment(iso: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso))
}

const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** `2 hours ago`; within a minute `just now`. */
export function ago(iso: string, now = Date.now()): string {
  const passed = new Date(iso).getTime() - now
  const step = STEPS.find(([, length]) => Math.abs(passed) >= length)
  if (!step) return 'just now'
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.round(passed / step[1]), step[0])
}

/** The first moment of the current calendar month, in UTC as budgets are. */
export function monthStart(now = new Date()): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)).toISOString()
}
