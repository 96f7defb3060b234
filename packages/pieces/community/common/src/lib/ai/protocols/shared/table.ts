/** A table that is read by external keys. Unlisted keys are undefined, including `constructor` and `toString`. */
export function table<Value>(entries: Record<string, Value>): Record<string, Value> {
  return Object.assign(Object.create(null), entries)
}
