import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Channel of LISTEN and NOTIFY. */
export const CHANNEL = 'ai_provider_server'

/** Notifies servers of changes in the rows that they cache. */
export const announcedChanges: Migration = {
  async up(db) {
    await createAnnouncer(db)
    await announceChangesOf(db, 'connection', 'slug', ['status', 'status_reason', 'checked_at', 'last_used_at'])
    await announceChangesOf(db, 'drill', 'connection_id')
    await announceChangesOf(db, 'project', 'id')
    await announceChangesOf(db, 'allowed_origin', 'origin')
  },
}

async function createAnnouncer(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function announce_change() returns trigger language plpgsql as $$
    declare
      quiet text[] := tg_argv[1]::text[];
    begin
      if tg_op = 'UPDATE' and to_jsonb(new) - quiet = to_jsonb(old) - quiet then
        return null;
      end if;
      perform pg_notify(${sql.lit(CHANNEL)}, tg_table_name || ' ' || (to_jsonb(coalesce(new, old)) ->> tg_argv[0]));
      return null;
    end $$`.execute(db)
}

/**
 * Creates a trigger that notifies all servers of every committed change of a table, including changes made by hand.
 *
 * @param key column that identifies the row
 * @param quiet columns that no server caches: changes that affect only these are not notified
 */
async function announceChangesOf(
  db: Kysely<unknown>,
  table: string,
  key: string,
  quiet: readonly string[] = [],
): Promise<void> {
  await sql`
    create trigger announce after insert or update or delete on ${sql.table(table)} for each row
    execute function announce_change(${sql.lit(key)}, ${sql.lit(`{${quiet.join(',')}}`)})`.execute(db)
}
