/** How many tests or steps passed, failed and were skipped. */
export type Count = { readonly passed: number; readonly failed: number; readonly skipped: number }

/**
 * Returns the count of a command from its last closing line. A command that prints none counts as one, and a failed
 * command never counts as passed.
 */
export function countOf(output: string, exitCode: number | null): Count {
  const line = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1)
  const [passed, failed, skipped] = line ? line.slice(1).map((digits) => Number(digits ?? 0)) : []
  if (exitCode === 0) return { passed: passed ?? 1, failed: failed ?? 0, skipped: skipped ?? 0 }
  return { passed: passed ?? 0, failed: Math.max(failed ?? 0, 1), skipped: skipped ?? 0 }
}

export function sum(counts: readonly Count[]): Count {
  const total = (kind: keyof Count) => counts.reduce((all, count) => all + count[kind], 0)
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') }
}

export function closingLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
