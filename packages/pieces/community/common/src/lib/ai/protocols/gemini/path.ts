import { AIError } from '../../errors/ai-error.ts'

/**
 * Returns the path of a call, which contains the model. An id with a slash is its own resource, e.g. `tunedModels/mine`.
 *
 * @throws AIError `invalid-request` for an id that would change the path
 */
export function geminiPath(model: string, method: string): string {
  return `/v1beta/${geminiResource(model)}:${method}`
}

/** Returns the model's full name, e.g. `models/gemini-3.8-flash`. @throws AIError like `geminiPath` */
export function geminiResource(model: string): string {
  if (/^[\w-][\w.@-]*(\/[\w-][\w.@-]*)*$/.test(model)) return model.includes('/') ? model : `models/${model}`
  const message = `model is "${model}"; this vendor allows letters, digits and . _ - @ /.`
  throw new AIError({ code: 'invalid-request', message, parameter: 'model' })
}
