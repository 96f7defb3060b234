import type { EngineTokens } from '../auth/engine-tokens.ts'
import type { MintEngineToken } from '../auth/mint-engine-token.ts'
import type { ProjectTokens } from '../auth/project-tokens.ts'
import { createDiagnostics, maxDiagnosticsMs } from '../diagnostics/diagnostics.ts'
import { createConnectionChecker } from '../domain/connections/check.ts'
import type { Connections } from '../domain/connections/connections.ts'
import { createFaultInjections } from '../domain/connections/fault-injections.ts'
import { createConnectionTester } from '../domain/connections/test-connection.ts'
import type { AllowedOrigins } from '../domain/outbound/allowed-origins.ts'
import type { Pieces } from '../domain/pieces/pieces.ts'
import type { Projects } from '../domain/projects/projects.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database/database.ts'
import type { App } from '../platform/http/app.ts'
import { localUrl } from '../platform/http/listen.ts'
import type { Metrics } from '../proxy/metrics.ts'
import type { Pools } from '../proxy/pools.ts'
import type { ProxyHandler } from '../proxy/proxy.ts'
import { allowedOriginRoutes } from './allowed-origins.ts'
import { auditRoutes } from './audit.ts'
import { connectionCheckRoutes } from './connection-checks.ts'
import { connectionListRoutes, connectionRoutes } from './connections.ts'
import { consoleRoutes } from './console.ts'
import { diagnosticsRoutes } from './diagnostics.ts'
import { docsRoutes, type FindLibraryDocs } from './docs.ts'
import { engineTokenRoutes } from './engine-tokens.ts'
import { faultInjectionRoutes } from './fault-injection.ts'
import { healthRoutes } from './health.ts'
import { metricsRoutes } from './metrics.ts'
import { pieceRoutes } from './pieces.ts'
import { projectTokenRoutes } from './project-tokens.ts'
import { projectRoutes } from './projects.ts'
import { proxyRoutes } from './proxy.ts'
import { type SessionParts, sessionRoutes } from './sessions.ts'
import { storeRoutes } from './store.ts'
import { usageRoutes } from './usage.ts'

export type RouteParts = SessionParts & {
  readonly config: Pick<Config, 'publicUrl' | 'consoleDir' | 'probeTimeoutMs'> & {
    readonly findLibraryDocs?: FindLibraryDocs
  }
  readonly database: Database
  readonly connections: Connections
  readonly projects: Projects
  readonly origins: AllowedOrigins
  readonly tokens: Pick<EngineTokens, 'mint'>
  readonly projectTokens: ProjectTokens
  readonly mintEngineToken: MintEngineToken
  readonly pieces: Pieces
  readonly pools: Pools
  readonly metrics: Metrics
  readonly proxy: ProxyHandler
}

/** Registers all routes. The API reference comes first: it contains the routes that are registered after it. */
export async function registerRoutes(app: App, parts: RouteParts): Promise<void> {
  const { config, database, connections, origins, pools, metrics } = parts
  const { db } = database
  await docsRoutes(app, config.publicUrl, config.findLibraryDocs)
  healthRoutes(app, database)
  metricsRoutes(app, metrics)
  allConnectionRoutes(app, parts)
  allowedOriginRoutes(app, origins, pools)
  faultInjectionRoutes(app, createFaultInjections(db, connections.forget))
  sessionRoutes(app, parts)
  projectRoutes(app, parts.projects)
  auditRoutes(app, db)
  usageRoutes(app, db)
  engineTokenRoutes(app, parts.mintEngineToken)
  projectTokenRoutes(app, parts.projectTokens)
  storeRoutes(app, db)
  pieceRoutes(app, parts.pieces)
  proxyRoutes(app, parts.proxy, metrics)
  consoleRoutes(app, config.consoleDir, connections.catalogue())
}

/** Connections are tested and diagnosed through the proxy itself, so these routes need the server's own URL. */
function allConnectionRoutes(app: App, { config, database: { db }, connections, tokens }: RouteParts): void {
  const testConnection = createConnectionTester(connections, tokens, () => `${localUrl(app)}/api/`)
  const check = createConnectionChecker(testConnection)
  const maxDurationMs = maxDiagnosticsMs(config.probeTimeoutMs)
  connectionRoutes(app, connections, check)
  connectionCheckRoutes(app, db, connections, check)
  connectionListRoutes(app, connections)
  diagnosticsRoutes(app, { db, connections, maxDurationMs }, createDiagnostics(testConnection, config.probeTimeoutMs))
}
