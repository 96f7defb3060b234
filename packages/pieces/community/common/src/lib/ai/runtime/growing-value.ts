/** An open array or object. `key` is the property or index of its last value. */
type Frame = { container: Record<string, unknown> | unknown[]; key: string | number; copiedIn: number }

/**
 * A JSON value that grows at its end. `snapshot()` returns it without copying all of it: later changes copy the open
 * arrays and objects once per snapshot, and share the rest.
 */
export function createGrowingValue() {
  const frames: Frame[] = []
  let root: unknown
  let snapshots = 0

  const last = () => {
    const frame = frames.at(-1)
    if (!frame) return root
    return Object.hasOwn(frame.container, frame.key) ? Reflect.get(frame.container, frame.key) : undefined
  }

  /** Sets the last value of the innermost open array or object. */
  const set = (value: unknown) => {
    if (last() === value) return
    let child = value
    for (let depth = frames.length - 1; depth >= 0; depth--) {
      // SAFETY: the depth is within the list.
      const frame = frames[depth] as Frame
      const isNew = frame.copiedIn === snapshots
      if (!isNew) frame.container = Array.isArray(frame.container) ? [...frame.container] : { ...frame.container }
      frame.copiedIn = snapshots
      setProperty(frame, child)
      if (isNew) return
      child = frame.container
    }
    root = child
  }

  return {
    set,
    /** Adds an empty array or object, which then takes the values. */
    open(container: Frame['container']) {
      set(container)
      frames.push({ container, key: 0, copiedIn: snapshots })
    },
    /** Ends the innermost array or object. */
    close() {
      frames.pop()
    },
    /** Names the next property of an object. */
    setKey(key: string) {
      const frame = frames.at(-1)
      if (frame) frame.key = key
    },
    /** Goes on to the next item of an array. */
    nextItem() {
      const frame = frames.at(-1)
      if (typeof frame?.key === 'number') frame.key++
    },
    /** What the innermost open value is; undefined if all are closed. */
    inside(): 'array' | 'object' | undefined {
      const frame = frames.at(-1)
      return frame && (Array.isArray(frame.container) ? 'array' : 'object')
    },
    snapshot() {
      snapshots++
      return root
    },
  }
}

function setProperty({ container, key }: Frame, value: unknown): void {
  // An assignment would change the prototype.
  if (key === '__proto__') Object.defineProperty(container, key, { ...WRITABLE, value })
  else Reflect.set(container, key, value)
}

const WRITABLE = { configurable: true, enumerable: true, writable: true }
