import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ChangeFeed } from './changes.ts'
import { CHANNEL } from './migrations/announced-changes.ts'

/** Application name of the connection, for the administrators of the database. */
const CHANGES_LISTENER = 'ai-provider-server changes'

/** Interval of the query that detects a silently broken connection, in milliseconds. */
const HEARTBEAT_INTERVAL_MS = 5_000
const TIMES = { connectionTimeoutMillis: 2_000, query_timeout: HEARTBEAT_INTERVAL_MS }

/** Maximum delay before the next attempt to reconnect, in milliseconds. */
const MAX_RECONNECT_DELAY_MS = 500

/**
 * Listens for changes on a connection of its own, and reconnects if it is lost, until the returned function is called.
 *
 * @throws Error if the first connection fails
 */
export async function listenToPostgres(connectionString: string, feed: ChangeFeed): Promise<() => Promise<void>> {
  let client: pg.Client | undefined
  let closed = false

  const connect = async () => {
    const listener = new pg.Client({ connectionString, ...TIMES, application_name: CHANGES_LISTENER })
    listener.on('notification', ({ payload }) => feed.received(payload ?? ''))
    listener.on('error', () => lose(listener))
    listener.on('end', () => lose(listener))
    try {
      await listener.connect()
      await listener.query(`listen ${CHANNEL}`)
    } catch (error) {
      listener.end().catch(() => {})
      throw error
    }
    client = listener
  }
  const lose = (lost: pg.Client) => {
    if (closed || lost !== client) return
    client = undefined
    feed.setConnected(false)
    lost.end().catch(() => {})
    void reconnect()
  }
  const reconnect = async () => {
    for (let wait = 25; !closed && !client; wait = Math.min(wait * 2, MAX_RECONNECT_DELAY_MS)) {
      await connect().catch(() => sleep(wait))
    }
    if (closed) await client?.end()
    else feed.setConnected(true)
  }

  await connect()
  const heartbeat = setInterval(() => {
    const listener = client
    listener?.query('select 1').catch(() => lose(listener))
  }, HEARTBEAT_INTERVAL_MS).unref()
  return async () => {
    closed = true
    clearInterval(heartbeat)
    await client?.end()
  }
}
