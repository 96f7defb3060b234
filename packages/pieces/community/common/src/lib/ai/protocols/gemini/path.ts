import { AIError } from '../../errors/ai-error.ts'

/**
 * The path of a call: the model stands in it, and one with a slash is a resource of its own, e.g. `tunedModels/mine`.
 *
 * @throws AIError `invalid-request` for an id that would change the path
 */
export function geminiPath(model: string, method: string): string {
  return `/v1beta/${geminiResource(model)}:${method}`
}

/** The model's whole name, e.g. `models/gemini-3.8-flash`. @throws AIError like `geminiPath` */
export function geminiResource(model: string): string {
  if (/^[\w-][\w.@-]*(\/[\w-][\w.@-]*)*$/.test(model)) return model.includes('/') ? model : `models/${model}`
  const message = `model is "${model}"; allowed are letters, digits, and the signs . _ - @ / for this vendor.`
  throw new AIError({ code: 'invalid-request', message, parameter: 'model' })
}
