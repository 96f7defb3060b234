/** A vendor's JSON object. Any field may be missing or of the wrong type. */
export type JsonObject = { readonly [field: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the field's object, or an empty one. */
export function objectAt(value: JsonObject, field: string): JsonObject {
  const found = value[field]
  return isObject(found) ? found : {}
}

/** Returns the objects of the field's list, or an empty list. */
export function listAt(value: JsonObject, field: string): JsonObject[] {
  const found = value[field]
  return Array.isArray(found) ? found.filter(isObject) : []
}

/** Returns the field's non-empty string, or undefined. */
export function textAt(value: JsonObject, field: string): string | undefined {
  const found = value[field]
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** Returns the field's number, or undefined. */
export function numberAt(value: JsonObject, field: string): number | undefined {
  const found = value[field]
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}
