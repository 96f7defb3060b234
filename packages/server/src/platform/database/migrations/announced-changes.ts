import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The channel of PostgreSQL's LISTEN and NOTIFY. */
export const CHANNEL = 'ai_provider_server'

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

/** For a migration: makes what `announceChangesOf` needs. */
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
 * For a migration: lets the database announce every change of a table when it is committed, whoever makes it: a server,
 * the rotation of keys, or somebody at a prompt.
 *
 * @param key the column that names the row
 * @param quiet columns that no server keeps in memory: a change of these alone is not worth telling
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
