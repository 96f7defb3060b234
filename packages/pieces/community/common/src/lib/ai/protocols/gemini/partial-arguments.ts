import { isObject, type JsonObject, textAt } from '../shared/json.ts'

/**
 * Adds parts of streamed arguments, each with its JSON path. Pieces of a string are joined. Only sent if `advancedOptions`
 * sets `toolConfig.functionCallingConfig.streamFunctionCallArguments`.
 *
 * @returns the arguments with these parts; the input is not modified
 * @see https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export function addPartialArguments(given: unknown, parts: readonly JsonObject[]): unknown {
  return parts.reduce((args, part) => {
    const path = textAt(part, 'jsonPath')
    return path === undefined ? args : put(args, stepsOf(path), scalarOf(part))
  }, given)
}

/** Splits a path such as `$.rows[0].name` or `$['odd name']` into steps. */
function stepsOf(path: string): (string | number)[] {
  const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/g)
  return [...steps].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? single ?? double ?? '').replace(/\\(.)/g, '$1') : Number(index),
  )
}

function scalarOf(part: JsonObject): unknown {
  const field = ['stringValue', 'numberValue', 'boolValue'].find((known) => known in part)
  return field === undefined ? null : part[field]
}

function put(node: unknown, [step, ...rest]: (string | number)[], value: unknown): unknown {
  if (step === undefined) return typeof node === 'string' && typeof value === 'string' ? node + value : value
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(node) ? [...node] : []
    list[step] = put(list[step], rest, value)
    return list
  }
  const fields = isObject(node) ? node : {}
  const old = Object.hasOwn(fields, step) ? fields[step] : undefined
  return Object.fromEntries([...Object.entries(fields), [step, put(old, rest, value)]])
}
