import type { Socket } from 'node:net'
import type { EngineToken, EngineTokenBody } from '@activepieces/contract'
import { AiProviders } from '@activepieces/pieces-common'
import { allowedOriginRoutes } from './api/allowed-origins.ts'
import { auditRoutes } from './api/audit.ts'
import { allConnectionRoutes } from './api/connection-routes.ts'
import { consoleRoutes } from './api/console.ts'
import { docsRoutes } from './api/docs.ts'
import { engineTokenRoutes } from './api/engine-tokens.ts'
import { faultInjectionRoutes } from './api/fault-injection.ts'
import { healthRoutes } from './api/health.ts'
import { metricsRoutes } from './api/metrics.ts'
import { pieceRoutes } from './api/pieces.ts'
import { projectTokenRoutes } from './api/project-tokens.ts'
import { projectRoutes } from './api/projects.ts'
import { sessionRoutes } from './api/sessions.ts'
import { storeRoutes } from './api/store.ts'
import { usageRoutes } from './api/usage.ts'
import { enforceAccess, type RouteAccess } from './auth/access.ts'
import { type AdminKey, loadAdminKey } from './auth/admin-key.ts'
import { createAttemptLimiter } from './auth/attempt-limiter.ts'
import { createEngineTokens } from './auth/engine-tokens.ts'
import { createEngineTokenMinter } from './auth/mint-engine-token.ts'
import { createProjectTokens, type ProjectTokens } from './auth/project-tokens.ts'
import { createSessionCookie } from './auth/session-cookie.ts'
import { createSessions, type Sessions } from './auth/sessions.ts'
import { createFaultyPool } from './diagnostics/faulty-pool.ts'
import { type Connections, createConnections } from './domain/connections/connections.ts'
import { createFaultInjections } from './domain/connections/fault-injections.ts'
import type { Provider } from './domain/connections/provider.ts'
import { allowedOrigins } from './domain/outbound/allowed-origins.ts'
import { createGuard, type Resolve } from './domain/outbound/guard.ts'
import { createPieces, PIECES, type Pieces, type PieceTable } from './domain/pieces/pieces.ts'
import { createRunObservers } from './domain/pieces/run-observers.ts'
import { createProjects, type Projects } from './domain/projects/projects.ts'
import { warnOfUnpricedModels } from './domain/projects/unpriced.ts'
import { type Config, loadConfig } from './platform/config.ts'
import type { Changes } from './platform/database/changes.ts'
import { type Database, openDatabase } from './platform/database/database.ts'
import { type App, createApp } from './platform/http/app.ts'
import { refuseWhenClosing } from './platform/http/closing.ts'
import { listen, localUrl } from './platform/http/listen.ts'
import { loadDatabaseKeys } from './platform/secrets/database-key.ts'
import { hashKey, matchesHash } from './platform/secrets/keys.ts'
import { type Secret, secret } from './platform/secrets/secret.ts'
import { createInFlightCounter } from './proxy/in-flight.ts'
import type { ProxyMeter } from './proxy/meter.ts'
import { openTraces, type Traces } from './proxy/metering/traces.ts'
import { createUsageMeter, type UsageParts } from './proxy/metering/usage-meter.ts'
import { createMetrics } from './proxy/metrics.ts'
import { createPools, type Pools } from './proxy/pools.ts'
import { proxyRoutes } from './proxy/routes.ts'

/** The configuration, whose defaults are those of an empty environment, and what only a program can give. */
export type ServerOptions = Partial<Omit<Config, 'timeouts' | 'limits' | 'adminKey' | 'encryptionKey'>> & {
  readonly adminKey?: string | Config['adminKey']
  readonly encryptionKey?: Buffer | Config['encryptionKey']
  readonly timeouts?: Partial<Config['timeouts']>
  readonly limits?: Partial<Config['limits']>
  /** The registry; `AiProviders` when absent. */
  readonly providers?: readonly Provider[]
  /** The pieces on offer; `PIECES` when absent. */
  readonly pieces?: PieceTable
  /** Where log lines go; standard output when absent. */
  readonly logStream?: { write: (line: string) => void }
  /** Gives the addresses of a vendor's host; the system's own when absent. */
  readonly resolve?: Resolve
  /** Watches the proxied calls; the one that writes usage rows when absent. */
  readonly meter?: ProxyMeter
}

export type ProviderServer = {
  readonly app: App
  /** Every route and who may call it. */
  readonly routes: () => RouteAccess[]
  /**
   * Starts to listen. Resolves to the URL, without a trailing slash.
   *
   * @throws Error that says which setting to change
   */
  readonly listen: () => Promise<string>
  /** Creates the admin key at the first start and shows it, this once (see `AdminKey`). Call it after `listen`. */
  readonly issueAdminKey: AdminKey['issue']
  readonly connections: Connections
  readonly projects: Projects
  readonly sessions: Sessions
  readonly projectTokens: ProjectTokens
  readonly pieces: Pieces
  readonly mintEngineToken: (options?: EngineTokenBody) => Promise<EngineToken>
  /** Stops: no new calls, running ones may end within `limits.shutdown`, pieces are stopped at once, the database is closed. */
  readonly close: () => Promise<void>
}

/**
 * Makes the server; it answers once `listen` is called.
 *
 * @throws Error when the data folder is in use, the database cannot be opened, or a route has no access rule
 */
export async function createServer(options: ServerOptions = {}): Promise<ProviderServer> {
  const config = withDefaults(options)
  const database = await openDatabase(config)
  try {
    return await assemble(config, database)
  } catch (error) {
    await database.close()
    throw error
  }
}

function withDefaults(options: ServerOptions) {
  const defaults = loadConfig({})
  return {
    ...defaults,
    ...options,
    adminKey: options.adminKey === undefined ? undefined : secret(options.adminKey),
    timeouts: { ...defaults.timeouts, ...options.timeouts },
    limits: { ...defaults.limits, ...options.limits },
  }
}

async function assemble(config: ReturnType<typeof withDefaults>, database: Database): Promise<ProviderServer> {
  const keys = await loadDatabaseKeys(database.db, config)
  const adminKey = await loadAdminKey(database.db, config.adminKey)
  const projects = createProjects(database.db)
  const projectTokens = createProjectTokens(database.db)
  const tokens = createEngineTokens(keys, projects.find)
  const mintEngineToken = createEngineTokenMinter(database.db, tokens)
  const origins = allowedOrigins(database.db, config.allowedOrigins)
  const guard = createGuard(origins, config.resolve)
  const connections = createConnections(database.db, keys, config.providers ?? AiProviders, guard)
  const pools = createPools(config, guard)
  followChanges(database.changes, { connections, projects, pools })
  const app = createApp(config)
  const inFlight = createInFlightCounter(config.limits)
  const metrics = createMetrics({ inFlight: inFlight.count, pool: database.poolState })
  const traces = config.otlpEndpoint === undefined ? undefined : await openTraces(config.otlpEndpoint, app.log)
  const meter = meterOf(config, { database, projects, log: app.log, onRecord: traces?.over })
  warnOfUnpricedModels(await projects.list(), app.log)
  const refuseNew = refuseWhenClosing(app)
  const runs = createRunObservers()
  const pieces = createPieces({
    pieces: config.pieces ?? PIECES,
    tokens,
    dataDir: config.dataDir,
    uid: config.pieceUid,
    log: app.log,
    timeLimit: config.pieceTimeLimit,
    maxRuns: config.maxPieceRuns,
    urls: () => ({ api: `${localUrl(app)}/api/`, public: config.publicUrl ?? localUrl(app) }),
    observeRun: runs.watch,
  })

  const sessions = createSessions(database.db, adminKey.hash)
  const verifiers = { ...createVerifiers(config, adminKey), tokens, projectTokens, sessions }
  const routes = enforceAccess(app, verifiers)
  await docsRoutes(app, config.publicUrl)
  healthRoutes(app, database)
  metricsRoutes(app, metrics)
  const apiUrl = () => `${localUrl(app)}/api/`
  allConnectionRoutes(app, { db: database.db, connections, tokens, apiUrl, doctorTimeLimit: config.doctorTimeLimit })
  allowedOriginRoutes(app, origins, pools)
  faultInjectionRoutes(app, createFaultInjections(database.db, connections.forget))
  sessionRoutes(app, verifiers)
  projectRoutes(app, projects)
  auditRoutes(app, database.db)
  usageRoutes(app, database.db)
  engineTokenRoutes(app, mintEngineToken)
  projectTokenRoutes(app, projectTokens)
  storeRoutes(app, database.db)
  pieceRoutes(app, pieces)
  proxyRoutes(app, {
    connections,
    pools,
    inFlight,
    metrics,
    settings: config,
    meter,
    injectFault: createFaultyPool,
    observerFor: runs.observerFor,
  })
  consoleRoutes(app, config.consoleDir, connections.catalogue())
  await app.ready()
  const close = shutdown(app, { refuseNew, pieces, pools, meter, database, traces, limit: config.limits.shutdown })
  return {
    app,
    routes,
    connections,
    projects,
    sessions,
    projectTokens,
    pieces,
    issueAdminKey: adminKey.issue,
    mintEngineToken: (body = {}) => mintEngineToken(body),
    async listen() {
      await listen(app, config)
      return localUrl(app)
    },
    close: once(close),
  }
}

type ShutdownParts = {
  readonly refuseNew: () => void
  readonly pieces: Pick<Pieces, 'close'>
  readonly pools: Pick<Pools, 'destroy'>
  readonly meter: Pick<ProxyMeter, 'flush'>
  readonly database: Pick<Database, 'close'>
  readonly traces: Pick<Traces, 'close'> | undefined
  /** How long running calls may take to end, in milliseconds. */
  readonly limit: number
}

function shutdown(app: App, parts: ShutdownParts): () => Promise<void> {
  const dropUnused = unusedSockets(app)
  return async () => {
    parts.refuseNew()
    parts.pieces.close()
    dropUnused()
    const limit = setTimeout(() => app.server.closeAllConnections(), parts.limit)
    await app.close()
    clearTimeout(limit)
    await parts.pools.destroy()
    await parts.meter.flush()
    await parts.database.close()
    // Last: a collector that does not answer holds up nothing else.
    await parts.traces?.close()
  }
}

type MeterParts = Pick<UsageParts, 'database' | 'log' | 'onRecord'> & { readonly projects: Projects }

function meterOf({ meter, providers = AiProviders }: ServerOptions, { projects, ...parts }: MeterParts): ProxyMeter {
  const free = new Set(providers.flatMap((entry) => (entry.free ? [entry.value] : [])))
  return meter ?? createUsageMeter({ ...parts, findProject: projects.find, isFree: (provider) => free.has(provider) })
}

/** What is kept in memory is read anew when another instance, or whoever, has changed it. */
function followChanges(changes: Changes, { connections, projects, pools }: Kept): void {
  changes.on('connection', connections.forget)
  changes.on('drill', connections.forget)
  changes.on('project', projects.forget)
  changes.on('allowed_origin', pools.forget)
}

type Kept = {
  connections: Pick<Connections, 'forget'>
  projects: Pick<Projects, 'forget'>
  pools: Pick<Pools, 'forget'>
}

/** What knows the credentials that need no database. */
function createVerifiers({ limits, metricsToken, publicUrl }: ReturnType<typeof withDefaults>, adminKey: AdminKey) {
  const attempts = createAttemptLimiter(limits.wrongKeys)
  return {
    isAdminKey: (key: string, address: string) => attempts.tryKey(address, () => adminKey.matches(key)),
    isMetricsToken: matcherOf(metricsToken),
    cookie: createSessionCookie(publicUrl),
    publicUrl,
  }
}

/** Connections on which no byte ever came: Node takes them for busy, and closing would wait for them. */
function unusedSockets(app: App): () => void {
  const open = new Set<Socket>()
  app.server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}

function matcherOf(key: Secret<string> | undefined): ((key: string) => boolean) | undefined {
  const hash = key && hashKey(key.reveal())
  return hash === undefined ? undefined : (given) => matchesHash(given, hash)
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= run()
    return running
  }
}
