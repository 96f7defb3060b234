/** A text from outside, without what PostgreSQL stores in no text: NUL, and halves of surrogate pairs. Anything else as it is. */
export function storable<Value>(value: Value): Value
export function storable(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value
}
