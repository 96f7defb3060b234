import { errorBody, storeEntry } from '@activepieces/contract'
import type { ActionContext, PropertyContext, Store } from '@activepieces/pieces-framework'
import { StoreScope } from '@activepieces/pieces-framework'
import { urlOfFile } from './files.ts'
import type { PieceTask } from './messages.ts'

type About = Pick<PieceTask, 'server' | 'projectId' | 'runId'>

/** There are no flows here: an action runs by itself, as if in a flow of this id. */
const FLOW = 'local'

/** What a dropdown's options are asked with. */
export function propertyContext(about: About & { searchValue: string | undefined }): PropertyContext {
  const { searchValue, ...common } = { ...commonContext(about), searchValue: about.searchValue }
  return searchValue === undefined ? common : { ...common, searchValue }
}

/** What an action runs with. What only a flow can give says so when it is used. */
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

/** The framework's store over the server's store entries; keys as Activepieces' engine writes them. */
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
    const answer = response.status === 204 ? undefined : await response.json()
    if (response.status === 404) return undefined
    if (response.ok) return answer
    throw new Error(`The store refused: ${errorBody.parse(answer).error.message}`)
  }
  const query = (key: string, scope?: StoreScope) => `?key=${encodeURIComponent(storeKey(key, scope))}`
  return {
    async put(key, value, scope) {
      await request('POST', '', { key: storeKey(key, scope), value })
      return value
    },
    async get(key, scope) {
      const entry = await request('GET', query(key, scope))
      // SAFETY: the piece put it there and knows its type.
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
    throw new Error(`${what} is not available here: the action runs by itself, without a flow.`)
  }
}
