import type { DatabaseConnection, Driver, QueryResult } from 'kysely'
import { ApiError } from '../errors.ts'

/** SQLSTATE classes and codes that are not about the statement: it may succeed later. */
const TEMPORARY = [
  '08', // connection exception
  '40', // transaction rollback, such as a deadlock
  '53', // insufficient resources, such as a full disk or too many connections
  '57', // operator intervention, such as a shutdown
  '58', // system error
  '25006', // read-only: a standby
]

/** Lets a driver throw 503 `not-ready` when the database could not be reached or could not take the statement. */
export function reportUnavailable(driver: Driver): Driver {
  const acquireConnection = driver.acquireConnection.bind(driver)
  const guarded = new WeakSet<DatabaseConnection>()
  driver.acquireConnection = async (options) => {
    const connection = await acquireConnection(options).catch(throwUnavailable)
    if (guarded.has(connection)) return connection
    guarded.add(connection)
    const { executeQuery } = connection
    connection.executeQuery = <Row>(...query: Parameters<typeof executeQuery>) =>
      executeQuery
        .apply<DatabaseConnection, typeof query, Promise<QueryResult<Row>>>(connection, query)
        .catch(throwQueryError)
    return connection
  }
  return driver
}

/** An error without SQLSTATE is the connection's: refused, reset, closed, or too slow. A `TypeError` is a bug. */
function throwQueryError(error: unknown): never {
  const code = sqlStateOf(error)
  const isTemporary = code === undefined || TEMPORARY.some((prefix) => code.startsWith(prefix))
  if (!isTemporary || error instanceof TypeError) throw error
  return throwUnavailable(error)
}

function throwUnavailable(cause: unknown): never {
  const error = new ApiError('not-ready', 'The database is not available at the moment.', { retryAfter: 2 })
  error.cause = cause
  throw error
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html Every code has a digit; no code of Node's has. */
function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined
}
