/** The headers that say what a body is. */
export type BodyHeaders = { 'content-type'?: string | undefined; 'content-encoding'?: string | undefined }

/** Fields of a body or a query that name a model, in the vendors' own words. */
const FIELDS = ['model', 'model_id', 'modelId']

/**
 * The models that a body names. A field that stands there twice gives both: parsers differ in which one counts.
 *
 * @returns undefined when the body cannot be read
 */
export function modelsInBody(body: Buffer, headers: BodyHeaders): string[] | undefined {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return undefined
  const boundary = headers['content-type']?.match(/^multipart\/form-data;.*boundary="?([^";]+)"?/i)?.[1]
  return boundary === undefined ? modelsInJson(body.toString()) : modelsInForm(body.toString('latin1'), boundary)
}

export function modelsInQuery(query: string): string[] {
  const parameters = new URLSearchParams(query)
  return FIELDS.flatMap((field) => parameters.getAll(field))
}

/**
 * Whether a path names a model: `/v1beta/models/gemini-2.5-pro:generateContent`, `/openai/deployments/gpt-4o/…`,
 * `/model/anthropic.claude-v2%3A1/invoke`, or the model as the path itself.
 *
 * @param allowed `allowed`: one of these; `other`: there is the place of a model, with another one; `none`: no such place
 */
export function modelInPath(path: string, allowed: readonly string[]): 'allowed' | 'other' | 'none' {
  const whole = decodeURIComponent(path).slice(1)
  if (allowed.some((model) => begins(whole, model))) return 'allowed'
  const places = [...whole.matchAll(/(?:^|\/)(?:models?|deployments|tunedModels)\/(?=(.+)$)/g)].map(
    (match) => match[1] ?? '',
  )
  if (places.length === 0) return 'none'
  return places.every((rest) => allowed.some((model) => begins(rest, model))) ? 'allowed' : 'other'
}

/** The model, and after it nothing, a further segment, or a verb after a colon as Google writes it. */
function begins(rest: string, model: string): boolean {
  return rest.startsWith(model) && /^($|\/|:[A-Za-z]+$)/.test(rest.slice(model.length))
}

function modelsInJson(text: string): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
    const values = [...topLevelValues(text)].filter(({ key }) => FIELDS.includes(key)).map(({ value }) => value)
    return values.every((value) => typeof value === 'string') ? values : undefined
  } catch {
    return undefined
  }
}

/** Every key of the outermost object with its value where that is a string; a key that stands there twice comes twice. */
function* topLevelValues(json: string): Generator<{ key: string; value: string | undefined }> {
  let depth = 0
  for (const [token, key, value] of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && key !== undefined) {
      yield { key: JSON.parse(key), value: value === undefined ? undefined : JSON.parse(value) }
    }
  }
}

const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`
/** A bracket, a key with its value if that is a string, or another string. */
const TOKEN = new RegExp(String.raw`[{}[\]]|(${STRING})\s*:\s*(${STRING})?|${STRING}`, 'gs')

/** Values of the fields of a form. A file's content is skipped: it is not a value. */
function modelsInForm(form: string, boundary: string): string[] | undefined {
  const parts = form.split(`--${boundary}`)
  const values = parts.flatMap((part) => {
    const at = part.indexOf('\r\n\r\n')
    const head = part.slice(0, at)
    const [, name = ''] = head.match(/\bname="([^"]*)"/i) ?? head.match(/\bname=([^;\s]*)/i) ?? []
    return at >= 0 && FIELDS.includes(name) ? [part.slice(at + 4).replace(/\r\n$/, '')] : []
  })
  return parts.length > 1 ? values : undefined
}
