import type { Migration } from 'kysely/migration'
import { announceChangesOf, createAnnouncer } from '../announce.ts'

/** What servers keep in memory is announced when it changes. */
export const announcedChanges: Migration = {
  async up(db) {
    await createAnnouncer(db)
    await announceChangesOf(db, 'connection', 'slug', ['status', 'status_reason', 'checked_at', 'last_used_at'])
    await announceChangesOf(db, 'drill', 'connection_id')
    await announceChangesOf(db, 'project', 'id')
    await announceChangesOf(db, 'allowed_origin', 'origin')
  },
}
