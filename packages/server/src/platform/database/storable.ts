/** Removes what PostgreSQL can't store from external text: NUL, and halves of surrogate pairs. Returns other values unchanged. */
export function storable<Value>(value: Value): Value
export function storable(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value
}
