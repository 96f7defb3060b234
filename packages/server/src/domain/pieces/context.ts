import { errorBody, storeEntry } from '@activepieces/contract'
import type { ActionContext, PropertyContext, Store } from '@activepieces/pieces-framework'
import { StoreScope } from '@activepieces/pieces-framework'
import { urlOfFile } from './files.ts'
import type { PieceTask } from './messages.ts'

type About = Pick<PieceTask, 'server' | 'projectId' | 'runId'>

/** There are no flows: an action runs as if in a flow with this id. */
const FLOW = 'local'

/** Context for the options of a dropdown. */
export function propertyContext(about: About & { searchValue: string | undefined }): PropertyContext {
  const { searchValue, ...common } = { ...commonContext(about), searchValue: about.searchValue }
  return searchValue === undefined ? common : { ...common, searchValue }
}

/** Context of an action. Functions that require a flow throw when they are called. */
export function actionContext(
  options: About & { input: Record<string, unknown>; step: string; update: (data: unknown) => Promise<void> },
): ActionContext {
  const context: Omit<ActionContext, 'executionType'> & { executionType: string } = {
    ...commonContext(options),
    executionType: 'BEGIN',
    auth: undefined,
    propsValue: options.input,
    store: httpStore(options.server),
    step: { name: options.step },
    files: { write: async ({ fileName, data }) => urlOfFile(fileName, data) },
    output: { update: ({ data }) => options.update(data) },
    tags: { add: async () => {} },
    agent: { tools: notAvailable('agent.tools') },
    run: {
      id: options.runId,
      stop: notAvailable('run.stop'),
      respond: notAvailable('run.respond'),
      pause: notAvailable('run.pause'),
      createWaitpoint: notAvailable('run.createWaitpoint'),
      waitForWaitpoint: notAvailable('run.waitForWaitpoint'),
    },
    generateResumeUrl: notAvailable('generateResumeUrl'),
  }
  // SAFETY: 'BEGIN' is the value of ExecutionType.BEGIN, an enum that the framework does not export.
  return context as ActionContext
}

function commonContext({ server, projectId }: About) {
  return {
    server,
    project: { id: projectId, externalId: async () => undefined },
    flows: {
      list: async () => ({ data: [], next: null, previous: null }),
      current: { id: FLOW, version: { id: FLOW } },
    },
    connections: { get: async () => null },
  }
}

/** The framework's store on top of the server's store entries, with the keys of Activepieces' engine. */
function httpStore({ apiUrl, token }: PieceTask['server']): Store {
  const request = async (method: string, query: string, body?: unknown) => {
    const response = await fetch(`${apiUrl}v1/store-entries${query}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const reply = response.status === 204 ? undefined : await response.json()
    if (response.status === 404) return undefined
    if (response.ok) return reply
    throw new Error(`The store rejected the request: ${errorBody.parse(reply).error.message}`)
  }
  const query = (key: string, scope?: StoreScope) => `?key=${encodeURIComponent(storeKey(key, scope))}`
  return {
    async put(key, value, scope) {
      await request('POST', '', { key: storeKey(key, scope), value })
      return value
    },
    async get(key, scope) {
      const entry = await request('GET', query(key, scope))
      // SAFETY: the piece stored the value and knows its type.
      return entry === undefined ? null : (storeEntry.parse(entry).value as never)
    },
    async delete(key, scope) {
      await request('DELETE', query(key, scope))
    },
  }
}

function storeKey(key: string, scope: StoreScope = StoreScope.FLOW): string {
  return scope === StoreScope.PROJECT ? key : `flow_${FLOW}/${key}`
}

function notAvailable(what: string): () => never {
  return () => {
    throw new Error(`${what} is not available: the action runs without a flow.`)
  }
}
