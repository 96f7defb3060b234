import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ChangeFeed } from './changes.ts'
import { CHANNEL } from './migrations/announced-changes.ts'

/** By this name a database's administrator knows the connection. */
const CHANGES_LISTENER = 'ai-provider-server changes'

/** How often the connection is tried, so that one that broke without a word is noticed, in milliseconds. */
const HEARTBEAT_INTERVAL_MS = 5_000
const TIMES = { connectionTimeoutMillis: 2_000, query_timeout: HEARTBEAT_INTERVAL_MS }

/** How long a lost connection's next try waits at most, in milliseconds. */
const MAX_RECONNECT_DELAY_MS = 500

/**
 * Hears of changes on a connection of its own, and makes a new one when it is lost, until the returned function is called.
 *
 * @throws Error when the first connection cannot be made
 */
export async function listenToPostgres(connectionString: string, feed: ChangeFeed): Promise<() => Promise<void>> {
  let client: pg.Client | undefined
  let closed = false

  const connect = async () => {
    const mine = new pg.Client({ connectionString, ...TIMES, application_name: CHANGES_LISTENER })
    mine.on('notification', ({ payload }) => feed.received(payload ?? ''))
    mine.on('error', () => lose(mine))
    mine.on('end', () => lose(mine))
    try {
      await mine.connect()
      await mine.query(`listen ${CHANNEL}`)
    } catch (error) {
      mine.end().catch(() => {})
      throw error
    }
    client = mine
  }
  const lose = (lost: pg.Client) => {
    if (closed || lost !== client) return
    client = undefined
    feed.connected(false)
    lost.end().catch(() => {})
    void reconnect()
  }
  const reconnect = async () => {
    for (let wait = 25; !closed && !client; wait = Math.min(wait * 2, MAX_RECONNECT_DELAY_MS)) {
      await connect().catch(() => sleep(wait))
    }
    if (closed) await client?.end()
    else feed.connected(true)
  }

  await connect()
  const heartbeat = setInterval(() => {
    const mine = client
    mine?.query('select 1').catch(() => lose(mine))
  }, HEARTBEAT_INTERVAL_MS).unref()
  return async () => {
    closed = true
    clearInterval(heartbeat)
    await client?.end()
  }
}
