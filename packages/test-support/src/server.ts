import { cpSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type ServerOptions } from '@activepieces/server'
import { inject } from 'vitest'
import { createDatabase } from './postgres.ts'
import type {} from './provided-context.ts'

export const ADMIN_KEY = 'admin-key-of-the-tests-0123456789'

/** A data folder that is removed by `remove`. */
export async function tempFolder() {
  const path = await mkdtemp(join(tmpdir(), 'ai-server-test-'))
  return { path, remove: async () => rmSync(path, { recursive: true, force: true }) }
}

/** The same, with a fresh database: in it, or in the PostgreSQL of the tests. */
export async function dataFolder() {
  const folder = await tempFolder()
  const template = inject('template')
  if ('dataFolder' in template) {
    // A thousand files: `cp` of fs/promises takes ten times the CPU.
    cpSync(join(template.dataFolder, 'pglite'), join(folder.path, 'pglite'), { recursive: true })
    return { ...folder, databaseUrl: undefined }
  }
  const { url, remove } = await createDatabase(template.postgres, template.name)
  return { path: folder.path, databaseUrl: url, remove: () => Promise.all([folder.remove(), remove()]) }
}

/** A server on a free port with a data folder of its own; its log lines, all levels, are kept. */
export async function startServer(options: ServerOptions = {}) {
  const folder = await dataFolder()
  const logs: string[] = []
  const server = await createServer({
    host: '127.0.0.1',
    port: 0,
    dataDir: folder.path,
    databaseUrl: folder.databaseUrl,
    adminKey: ADMIN_KEY,
    // The vendors of the tests are on this machine.
    allowedOrigins: ['http://127.0.0.1:*', 'https://127.0.0.1:*'],
    // Whether somebody has built the console must not matter.
    consoleDir: join(folder.path, 'no-console'),
    logLevel: 'trace',
    logStream: { write: (line) => void logs.push(line) },
    ...options,
  })
  const url = await server.listen()
  const call = async (method: string, path: string, options: { key?: string | undefined; body?: unknown } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text === '' ? undefined : JSON.parse(text),
    }
  }
  return {
    ...server,
    url,
    logs,
    dataDir: folder.path,
    databaseUrl: folder.databaseUrl,
    /** One JSON call. */
    call,
    /** A fresh engine token of a project, which is made when there is none. */
    token: async (projectId = 'local') => {
      if (!(await server.projects.find(projectId))) {
        await server.projects.create({
          id: projectId,
          name: projectId,
          monthlyBudgetUsd: null,
          requestsPerMinute: null,
        })
      }
      return (await server.mintEngineToken({ projectId })).token
    },
    async stop() {
      await server.close()
      await folder.remove()
    },
  }
}

export type TestServer = Awaited<ReturnType<typeof startServer>>
