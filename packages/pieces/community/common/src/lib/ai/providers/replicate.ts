import type { AIGeneratedImage, AIImageGenerateParams } from '../contract/media.ts'
import { type AIVendorModel, models } from '../contract/model.ts'
import type { AI, AIFactoryParams } from '../contract/registry.ts'
import { AIError } from '../errors/ai-error.ts'
import { aspectRatioOf, aspectRatioWarnings, downloadImage } from '../protocols/shared/image-bytes.ts'
import { type JsonObject, listAt, objectAt, textAt } from '../protocols/shared/json.ts'
import { invalidResponse, parseAnyObject } from '../protocols/shared/reply.ts'

/** A few of several thousand; any other `owner/name` or `owner/name:version` works too. @see https://replicate.com/explore */
export const replicateModels = models(
  { supported: ['image'] },
  'black-forest-labs/flux-1.1-pro',
  'black-forest-labs/flux-dev',
  'black-forest-labs/flux-schnell',
  'bytedance/seedream-4',
  'google/imagen-4',
  'ideogram-ai/ideogram-v3-turbo',
  'recraft-ai/recraft-v3',
  'stability-ai/stable-diffusion-3.5-large',
)

/** A model that has been asleep takes minutes to begin; one that has not ended by then never will. */
const JOB_TIMEOUT_MS = 10 * 60_000
const MAX_POLL_INTERVAL_MS = 2_000

/**
 * Replicate: images, made as jobs that are asked after until they are done. Its client is not used: it hides the deadline
 * and leaves the job running when the call is aborted.
 *
 * @see https://replicate.com/docs/reference/http
 */
export const replicate = (params: AIFactoryParams): AI => ({
  provider: 'REPLICATE' as const,
  chat: {
    text: () =>
      Promise.reject(new AIError({ code: 'unsupported', message: 'Replicate makes images, it has no chat.' })),
  },
  image: {
    generate: async (asked) => {
      const jobs = Array.from({ length: asked.n ?? 1 }, () => runJob(params, asked))
      return { images: (await Promise.all(jobs)).flat(), ...aspectRatioWarnings(asked.size) }
    },
  },
  models: {
    list: async ({ signal }) => {
      const collection = await get(params, COLLECTION, { signal })
      if (!Array.isArray(collection['models'])) throw invalidResponse('The reply is no list of models.')
      return listAt(collection, 'models').flatMap(parseModel)
    },
  },
})

/**
 * What the vendor's own people have chosen of its models that make images of texts. Its list of all models has many
 * thousand, of everybody and for everything, and does not say what any of them is for.
 */
const COLLECTION = '/v1/collections/text-to-image'

/** Official models go by their name, others by their version too. */
function parseModel(model: JsonObject): AIVendorModel[] {
  const [owner, name] = [textAt(model, 'owner'), textAt(model, 'name')]
  if (owner === undefined || name === undefined) return []
  const version = model['is_official'] === false ? textAt(objectAt(model, 'latest_version'), 'id') : undefined
  const id = `${owner}/${name}`
  return [{ id: version === undefined ? id : `${id}:${version}`, label: id, supported: ['image'] }]
}

/** One prediction, from its start to its images; cancelled at the vendor when the call is aborted. */
async function runJob(params: AIFactoryParams, asked: AIImageGenerateParams): Promise<AIGeneratedImage[]> {
  const { signal } = asked
  const { path, body } = startOf(asked)
  let job = await post(params, path, { body, headers: { prefer: 'wait' }, signal })
  const id = encodeURIComponent(textAt(job, 'id') ?? '')
  const cancel = () => void post(params, `/v1/predictions/${id}/cancel`).catch(() => undefined)
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    const end = Date.now() + JOB_TIMEOUT_MS
    for (let pause = 250; isRunning(job); pause = Math.min(pause * 1.5, MAX_POLL_INTERVAL_MS)) {
      if (Date.now() > end) throw timedOut(cancel)
      await sleep(pause, signal)
      job = await get(params, `/v1/predictions/${id}`, { signal })
    }
    return await imagesOf(job, signal)
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

/** Official models have a path of their own, others are named by their version. */
function startOf({ model, prompt, size, advancedOptions }: AIImageGenerateParams): { path: string; body: JsonObject } {
  const input = { prompt, ...(size !== undefined && { aspect_ratio: aspectRatioOf(size) }), ...advancedOptions }
  const [name = '', version] = model.split(':')
  if (version !== undefined) return { path: '/v1/predictions', body: { version, input } }
  return { path: `/v1/models/${name.split('/').map(encodeURIComponent).join('/')}/predictions`, body: { input } }
}

function isRunning(job: JsonObject): boolean {
  return job['status'] === 'starting' || job['status'] === 'processing'
}

function timedOut(cancel: () => void): AIError {
  cancel()
  return new AIError({ code: 'timeout', message: `The job was not done after ${JOB_TIMEOUT_MS / 60_000} minutes.` })
}

// ---- the job's result

/** @throws AIError `content-filter` or `server-error` for a job that failed, in the vendor's words */
async function imagesOf(job: JsonObject, signal: AbortSignal | undefined): Promise<AIGeneratedImage[]> {
  if (job['status'] !== 'succeeded') {
    const words = textAt(job, 'error') ?? `The job ended as ${String(job['status'])}.`
    const code = /nsfw|sensitive|safety|flagged/i.test(words) ? 'content-filter' : 'server-error'
    throw new AIError({ code, message: words, vendorMessage: words })
  }
  const urls = [job['output']].flat().filter((url) => typeof url === 'string')
  if (urls.length > 0) return await Promise.all(urls.map((url) => downloadImage(url, signal)))
  throw invalidResponse('The job has no image.')
}

// ---- requests

type Asked = { body?: JsonObject; headers?: Record<string, string>; signal?: AbortSignal | undefined }

/** @throws what errors/read.ts reads */
async function post(params: AIFactoryParams, path: string, { body, ...rest }: Asked = {}): Promise<JsonObject> {
  const { postJson } = await import('../protocols/shared/post-json.ts')
  const { serverUrl, engineToken } = params
  const response = await postJson(`${serverUrl}${path}`, body, { engineToken, ...rest })
  return parseAnyObject(await response.text())
}

/** @throws what errors/read.ts reads */
async function get({ serverUrl, engineToken }: AIFactoryParams, path: string, rest: Asked = {}): Promise<JsonObject> {
  const { getJson } = await import('../protocols/shared/post-json.ts')
  const response = await getJson(`${serverUrl}${path}`, { engineToken, ...rest })
  return parseAnyObject(await response.text())
}

/** Resolves after the pause, or rejects at once when the call is aborted. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(new AIError({ code: 'aborted', message: 'The call was aborted.' }))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) stop()
  })
}
