export {
  type AllowedOrigin,
  type AllowedOriginBody,
  type AllowedOriginList,
  allowedOrigin,
  allowedOriginBody,
  allowedOriginList,
} from './allowed-origins.ts'
export { type AuditEntry, type AuditPage, auditEntry, auditPage, auditQuery } from './audit.ts'
export {
  type Catalogue,
  type CatalogueEntry,
  type Connection,
  type ConnectionList,
  type ConnectionStatus,
  catalogue,
  connection,
  connectionList,
  connectionStatus,
  type SaveConnectionBody,
  SECRET_FIELDS,
  saveConnectionBody,
} from './connections.ts'
export {
  DRILL_FAULTS,
  DRILL_HEADER,
  type Drill,
  type DrillBody,
  type DrillFault,
  type DrillState,
  drill,
  drillBody,
  drillState,
} from './drill.ts'
export {
  type EngineToken,
  type EngineTokenBody,
  engineToken,
  engineTokenBody,
  type NewProjectToken,
  newProjectToken,
  type ProjectToken,
  type ProjectTokenBody,
  type ProjectTokenList,
  projectToken,
  projectTokenBody,
  projectTokenList,
} from './engine-tokens.ts'
export { type ErrorBody, type ErrorCode, errorBody, OWN_ERROR_HEADER } from './errors.ts'
export {
  type LogLine,
  type Piece,
  type PieceError,
  type PieceList,
  type PieceOptions,
  type PieceOptionsBody,
  type PieceRun,
  type PieceRunEvent,
  pieceError,
  pieceList,
  pieceOptions,
  pieceOptionsBody,
  pieceRun,
  type RunPieceBody,
  runPieceBody,
} from './pieces.ts'
export {
  type CreateProjectBody,
  createProjectBody,
  type Project,
  type ProjectList,
  project,
  projectId,
  projectList,
  type RevokedTokens,
  revokedTokens,
  type UpdateProjectBody,
  updateProjectBody,
} from './projects.ts'
export { ROUTES } from './routes.ts'
export {
  STORE_VALUE_LIMIT,
  type StoreEntry,
  type StoreEntryBody,
  storeEntry,
  storeEntryBody,
  storeEntryQuery,
} from './store-entries.ts'
