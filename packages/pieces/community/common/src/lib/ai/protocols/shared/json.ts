/** A vendor's object, read leniently: any field may be missing or odd. */
export type JsonObject = { readonly [field: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The field's object, or an empty one. */
export function objectAt(value: JsonObject, field: string): JsonObject {
  const found = value[field]
  return isObject(found) ? found : {}
}

/** The objects of the field's list; none when it is no list. */
export function listAt(value: JsonObject, field: string): JsonObject[] {
  const found = value[field]
  return Array.isArray(found) ? found.filter(isObject) : []
}

/** The field's text, or undefined when it is missing, empty or no string. */
export function textAt(value: JsonObject, field: string): string | undefined {
  const found = value[field]
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** The field's number, or undefined. */
export function numberAt(value: JsonObject, field: string): number | undefined {
  const found = value[field]
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}
