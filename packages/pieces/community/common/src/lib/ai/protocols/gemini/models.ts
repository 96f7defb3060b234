import type { AICapability, AIVendorModel } from '../../contract/model.ts'
import type { AIModels } from '../../contract/registry.ts'
import { type JsonObject, textAt } from '../shared/json.ts'
import { classifyModel } from '../shared/model-list.ts'
import { table } from '../shared/table.ts'
import { type VendorModels, vendorModels } from '../shared/vendor-models.ts'

/**
 * Lists models over Gemini's API, which reports the methods that serve each model.
 *
 * @see https://ai.google.dev/api/models#method:-models.list
 */
export function geminiModelList(get: VendorModels['get']): AIModels {
  return vendorModels({
    get,
    cursor: 'pageToken',
    query: { pageSize: '1000' },
    field: 'models',
    nextOf: (page) => textAt(page, 'nextPageToken'),
    parse: parseModel,
  })
}

function parseModel(model: JsonObject): AIVendorModel[] {
  const id = textAt(model, 'name')?.replace(/^models\//, '')
  if (id === undefined) return []
  const methods = model['supportedGenerationMethods']
  const supported = Array.isArray(methods)
    ? methods.flatMap((method) => METHODS[String(method)]?.(id) ?? [])
    : undefined
  return [{ id, label: textAt(model, 'displayName'), ...(supported && { supported }) }]
}

/** Capabilities by method. Text, images and speech share one method; the model's name tells them apart. */
const METHODS: Record<string, (id: string) => readonly AICapability[]> = table({
  generateContent: classifyModel,
  predict: () => ['image'],
  embedContent: () => ['embedding'],
})
