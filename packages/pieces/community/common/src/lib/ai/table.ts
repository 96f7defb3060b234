/** A table whose keys come from outside. What it does not list is undefined, `constructor` and `toString` too. */
export function table<Value>(entries: Record<string, Value>): Record<string, Value> {
  return Object.assign(Object.create(null), entries)
}
