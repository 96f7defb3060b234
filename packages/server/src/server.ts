import type { EngineToken, EngineTokenBody } from '@activepieces/contract'
import { AiProviders } from '@activepieces/pieces-common'
import type { FindLibraryDocs } from './api/docs.ts'
import { registerRoutes } from './api/routes.ts'
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
import type { Provider } from './domain/connections/provider.ts'
import { createAllowedOrigins } from './domain/outbound/allowed-origins.ts'
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
import { openTraces } from './proxy/metering/traces.ts'
import { createUsageMeter, type UsageParts } from './proxy/metering/usage-meter.ts'
import { createMetrics } from './proxy/metrics.ts'
import { createPools, type Pools } from './proxy/pools.ts'
import { createProxy } from './proxy/proxy.ts'
import { createShutdown } from './shutdown.ts'

/** The configuration, which defaults to that of an empty environment, and options that only a program can set. */
export type ServerOptions = Partial<Omit<Config, 'timeouts' | 'limits' | 'adminKey' | 'encryptionKey'>> & {
  readonly adminKey?: string | Config['adminKey']
  readonly encryptionKey?: Buffer | Config['encryptionKey']
  readonly timeouts?: Partial<Config['timeouts']>
  readonly limits?: Partial<Config['limits']>
  /** The registry. Defaults to `AiProviders`. */
  readonly providers?: readonly Provider[]
  /** The pieces that the server offers. Defaults to `PIECES`. */
  readonly pieces?: PieceTable
  /** Receives the log lines. Defaults to standard output. */
  readonly logStream?: { write: (line: string) => void }
  /** Resolves the host of a vendor to addresses. Defaults to the system's resolver. */
  readonly resolve?: Resolve
  /** Meters the proxied calls. Defaults to the meter that writes usage rows. */
  readonly meter?: ProxyMeter
  /** Finds the library's reference. Defaults to the folder that `npm run reference` writes. */
  readonly findLibraryDocs?: FindLibraryDocs
}

export type ProviderServer = {
  readonly app: App
  /** Lists every route and who may call it. */
  readonly routes: () => RouteAccess[]
  /**
   * Starts to listen. Resolves to the URL, without a trailing slash.
   *
   * @throws Error that names the setting to change
   */
  readonly listen: () => Promise<string>
  /** Creates the admin key at the first start and shows it once (see `AdminKey`). Call it after `listen`. */
  readonly issueAdminKey: AdminKey['issue']
  readonly connections: Connections
  readonly projects: Projects
  readonly sessions: Sessions
  readonly projectTokens: ProjectTokens
  readonly pieces: Pieces
  readonly mintEngineToken: (options?: EngineTokenBody) => Promise<EngineToken>
  /** Refuses new calls, lets running ones end within `limits.shutdownMs`, stops pieces, and closes the database. */
  readonly close: () => Promise<void>
}

/**
 * Creates the server. It accepts requests after `listen`.
 *
 * @throws Error if the data folder is in use, the database cannot be opened, or a route has no access rule
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

type Settings = ReturnType<typeof withDefaults>

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

async function assemble(config: Settings, database: Database): Promise<ProviderServer> {
  const { db, changes } = database
  const app = createApp(config)
  const refuseNew = refuseWhenClosing(app)

  const keys = await loadDatabaseKeys(db, config)
  const adminKey = await loadAdminKey(db, config.adminKey)
  const projects = createProjects(db)
  const projectTokens = createProjectTokens(db)
  const sessions = createSessions(db, adminKey.hash)
  const tokens = createEngineTokens(keys, projects.find)
  const mintEngineToken = createEngineTokenMinter(db, tokens)
  const verifiers = { ...createVerifiers(config, adminKey), tokens, projectTokens, sessions }
  const routes = enforceAccess(app, verifiers)

  const origins = createAllowedOrigins(db, config.allowedOrigins)
  const guard = createGuard(origins, config.resolve)
  const connections = createConnections(db, keys, config.providers ?? AiProviders, guard)
  const pools = createPools(config, guard)
  followChanges(changes, { connections, projects, pools })
  warnOfUnpricedModels(await projects.list(), app.log)

  const runs = createRunObservers()
  const pieces = createPieces({
    pieces: config.pieces ?? PIECES,
    tokens,
    dataDir: config.dataDir,
    uid: config.pieceUid,
    log: app.log,
    timeoutMs: config.pieceTimeoutMs,
    maxRuns: config.maxPieceRuns,
    urls: () => ({ api: `${localUrl(app)}/api/`, public: config.publicUrl ?? localUrl(app) }),
    observeRun: runs.observe,
  })

  const inFlight = createInFlightCounter(config.limits)
  const metrics = createMetrics({ inFlight: inFlight.count, pool: database.poolState })
  const traces = config.otlpEndpoint === undefined ? undefined : await openTraces(config.otlpEndpoint, app.log)
  const meter = createMeter(config, { database, projects, log: app.log, onRecord: traces?.over })
  const { observerFor } = runs
  const proxyParts = { connections, pools, inFlight, metrics, settings: config, meter, observerFor }
  const proxy = createProxy({ ...proxyParts, injectFault: createFaultyPool })

  const stores = { database, connections, projects, origins, tokens, mintEngineToken, pieces, pools, metrics, proxy }
  await registerRoutes(app, { ...verifiers, ...stores, projectTokens, sessions, config })
  await app.ready()
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
    close: createShutdown(app, {
      refuseNew,
      pieces,
      pools,
      meter,
      database,
      traces,
      timeoutMs: config.limits.shutdownMs,
    }),
  }
}

type MeterParts = Pick<UsageParts, 'database' | 'log' | 'onRecord'> & { readonly projects: Projects }

function createMeter(
  { meter, providers = AiProviders }: ServerOptions,
  { projects, ...parts }: MeterParts,
): ProxyMeter {
  const free = new Set(providers.flatMap((entry) => (entry.free ? [entry.value] : [])))
  return meter ?? createUsageMeter({ ...parts, findProject: projects.find, isFree: (provider) => free.has(provider) })
}

type Caches = {
  connections: Pick<Connections, 'forget'>
  projects: Pick<Projects, 'forget'>
  pools: Pick<Pools, 'forget'>
}

/** Clears caches when their rows change, also by another server or by hand. */
function followChanges(changes: Changes, { connections, projects, pools }: Caches): void {
  changes.on('connection', connections.forget)
  changes.on('drill', connections.forget)
  changes.on('project', projects.forget)
  changes.on('allowed_origin', pools.forget)
}

/** Verifiers of credentials that need no database. */
function createVerifiers({ limits, metricsToken, publicUrl }: Settings, adminKey: AdminKey) {
  const attempts = createAttemptLimiter(limits.wrongKeys)
  return {
    isAdminKey: (key: string, address: string) => attempts.tryKey(address, () => adminKey.matches(key)),
    isMetricsToken: matcherOf(metricsToken),
    cookie: createSessionCookie(publicUrl),
    publicUrl,
  }
}

function matcherOf(key: Secret<string> | undefined): ((key: string) => boolean) | undefined {
  const hash = key && hashKey(key.reveal())
  return hash === undefined ? undefined : (given) => matchesHash(given, hash)
}
