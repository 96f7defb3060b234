export type LineLimits = { readonly maxLineBytes: number; readonly maxTotalBytes: number }

const INITIAL_BYTES = 64 * 1024

/**
 * Splits bytes into lines. Copies bytes into one buffer, so that many small chunks use no more memory than few large ones.
 *
 * @returns a function that takes the next bytes; it returns false once a limit is exceeded
 */
export function createLineReader(limits: LineLimits, onLine: (line: string) => void): (bytes: Buffer) => boolean {
  let held = Buffer.allocUnsafe(INITIAL_BYTES)
  let used = 0
  let total = 0

  const hold = (bytes: Buffer) => {
    if (used + bytes.length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * held.length, used + bytes.length))
      held.copy(larger, 0, 0, used)
      held = larger
    }
    bytes.copy(held, used)
    used += bytes.length
  }

  return (bytes) => {
    total += bytes.length
    if (total > limits.maxTotalBytes) return false
    let rest = bytes
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      if (used + end > limits.maxLineBytes) return false
      hold(rest.subarray(0, end))
      const line = held.toString('utf8', 0, used)
      used = 0
      rest = rest.subarray(end + 1)
      onLine(line)
    }
    if (used + rest.length > limits.maxLineBytes) return false
    hold(rest)
    return true
  }
}
