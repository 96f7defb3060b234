import { isObject, type JsonObject, textAt } from '../shared/json.ts'

/**
 * Arguments of a call that come by parts, each with the JSON path of its place. A text may come in pieces: they are joined.
 * Nobody gets them unasked: `toolConfig.functionCallingConfig.streamFunctionCallArguments` is for `advancedOptions`.
 *
 * @returns the arguments with these parts in them; what was given stays as it was
 * @see https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export function addPartialArguments(given: unknown, parts: readonly JsonObject[]): unknown {
  return parts.reduce((args, part) => {
    const path = textAt(part, 'jsonPath')
    return path === undefined ? args : put(args, stepsOf(path), scalarOf(part))
  }, given)
}

/** `$.rows[0].name`, or with quotes `$['odd name']`: the steps from the root. */
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
