import { isUtf8 } from 'node:buffer'
import { formFields } from './form-fields.ts'
import { type FieldFilter, findJsonFields } from './json-fields.ts'

/** The headers that describe a body. */
export type BodyHeaders = { 'content-type'?: string | undefined; 'content-encoding'?: string | undefined }

/** A field that names a model, as written in the call. The model is undefined if it is not a string. */
export type NamedModel = { readonly field: string; readonly model: string | undefined }

/** The models that a body or a query names for a call. */
export type ModelFacts = {
  readonly named: readonly NamedModel[]
  /** A field that can bring in a model that the call does not name. */
  readonly reference?: string | undefined
}

/** Vendors' fields that name models, by `plainKey`: `model`, `embedding_model`, `deploymentName`, `fallbacks`. */
const MODEL_FIELD = /(model|deployment)(s|ids?|names?)?$|fallbacks?$/

/** Names of models in the outermost object only: a tool's search engine is not one. */
const OUTER_MODEL_FIELDS = new Set(['engine', 'engineid'])

/** Fields of the outermost object that select something stored at the provider or chosen by a gateway. */
const REFERENCES = new Set([
  ...['route', 'router', 'preset', 'version', 'inputfileid', 'assistantid', 'agent', 'agentid', 'workflowid'],
])

/** Content, and the parts of JSON schemas with arbitrary keys: a name in them is not a model for the provider. */
const OPAQUE = new Set([
  ...[
    'messages',
    'message',
    'contents',
    'content',
    'system',
    'systeminstruction',
    'documents',
    'arguments',
    'metadata',
  ],
  ...['properties', 'patternproperties', 'definitions', 'defs', 'parameterdefinitions'],
])

function namesModel(plain: string, depth: number): boolean {
  return MODEL_FIELD.test(plain) || (depth === 1 && OUTER_MODEL_FIELDS.has(plain))
}

/** Casing, dashes and underscores differ between SDKs, and some providers take any. */
function plainKey(key: string): string {
  const ascii = /^[\x20-\x7e]*$/.test(key) ? key : key.normalize('NFKC')
  return ascii.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/**
 * Finds the models that a body names, JSON or a form, at any depth and in every spelling.
 *
 * @returns undefined for a body that can't be read, or that another parser may read differently
 */
export function modelsInBody(body: Buffer, headers: BodyHeaders): ModelFacts | undefined {
  const type = headers['content-type'] ?? ''
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return undefined
  if (JSON_TYPE.test(type)) return isUtf8(body) ? modelsInJson(body.toString()) : undefined
  const fields = formFields(body.toString('latin1'), type)
  return fields && allFacts(fields.map(({ name, value }) => modelsInField(name, value)))
}

/**
 * Finds the models that a body names, for its price. Reads JSON of any content type, because many APIs do.
 *
 * @param isWhole false for the beginning of a larger body; a model after it is not found
 * @returns an empty list for a body that can't be read
 */
export function modelsNamedIn(body: Buffer, { type, isWhole }: { type: string; isWhole: boolean }): string[] {
  const text = body.toString()
  if (!/^\s*\{/.test(text)) {
    const fields = formFields(body.toString('latin1'), type, { isWhole }) ?? []
    return fields.filter(({ name }) => name === 'model').map(({ value }) => value)
  }
  if (!isWhole) return [...text.matchAll(/"model"\s*:\s*"([^"\\]{1,200})"/g)].map(([, model = '']) => model)
  return (modelsInJson(text)?.named ?? []).flatMap(({ model }) => model?.slice(0, MAX_MODEL_LENGTH) ?? [])
}

const MAX_MODEL_LENGTH = 200

const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i

export function modelsInQuery(query: string): ModelFacts {
  return allFacts([...new URLSearchParams(query)].map(([name, value]) => factsOfField([name], value)))
}

function modelsInJson(text: string): ModelFacts | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  const fields = findJsonFields(text, FILTER)
  return fields && allFacts(fields.map(({ path, value }) => factsOfField(path, value)))
}

const FILTER: FieldFilter = {
  isWanted: (key, depth) => {
    const plain = plainKey(key)
    return namesModel(plain, depth) || (depth === 1 && REFERENCES.has(plain))
  },
  isOpaque: (key, depth) => OPAQUE.has(plainKey(key)) || (depth === 1 && plainKey(key) === 'input'),
}

/** `model`, `models[]`, `session[model]`, or a part that is JSON, such as a session's settings. */
function modelsInField(name: string, value: string): ModelFacts {
  const path = name.split(/[[\].]+/).filter(Boolean)
  const inJson = modelsInJson(Buffer.from(value, 'latin1').toString())
  return allFacts([factsOfField(path, value), ...(inJson ? [inJson] : [])])
}

function factsOfField(path: readonly string[], value: string | undefined): ModelFacts {
  const field = path.join('.')
  const plain = plainKey(path.at(-1) ?? '')
  if (namesModel(plain, path.length)) return { named: [{ field, model: value }] }
  return path.length === 1 && REFERENCES.has(plain) ? { named: [], reference: field } : { named: [] }
}

function allFacts(facts: readonly ModelFacts[]): ModelFacts {
  return {
    named: facts.flatMap(({ named }) => named),
    reference: facts.find(({ reference }) => reference !== undefined)?.reference,
  }
}

/**
 * Whether a path names a model: `/v1/models/<model>:verb`, `/openai/deployments/gpt-4o/…`,
 * `/model/anthropic.claude-v2%3A1/invoke`, or the model as the path itself.
 *
 * @param path decoded
 * @param allowed allowed models
 * @returns `allowed` if the path names one of them, `other` if it names another one, `none` if it names no model
 */
export function modelInPath(path: string, allowed: readonly string[]): 'allowed' | 'other' | 'none' {
  const whole = path.slice(1)
  if (allowed.some((model) => begins(whole, model))) return 'allowed'
  const places = [...whole.matchAll(MODEL_PLACE)].map((match) => match[1] ?? '')
  if (places.length === 0) return 'none'
  return places.every((rest) => allowed.some((model) => begins(rest, model))) ? 'allowed' : 'other'
}

const MODEL_PLACE = /(?:^|\/)(?:models?|deployments|tunedModels|engines|endpoints?)\/(?=(.+)$)/gi

/** Whether the text is the model, optionally followed by a segment, or by a verb after a colon as in Google's API. */
function begins(rest: string, model: string): boolean {
  return rest.startsWith(model) && /^($|\/|:[A-Za-z]+$)/.test(rest.slice(model.length))
}
