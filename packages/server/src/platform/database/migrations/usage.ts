import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** One row per call, spending and budget leases, and the calls of the current minute. */
export const usage: Migration = {
  async up(db) {
    await sql`create table usage (
      id bigint generated always as identity primary key,
      at timestamptz not null,
      project_id text not null,
      run_id text,
      connection_id text not null,
      connection text not null,
      provider text not null,
      operation text not null,
      model text,
      status integer,
      error text,
      actor text,
      uncached_tokens bigint,
      cache_read_tokens bigint,
      cache_write_tokens bigint,
      output_tokens bigint,
      reasoning_tokens bigint,
      cost_usd numeric,
      cost_source text,
      priced_as text,
      first_byte_ms double precision,
      total_ms double precision not null,
      request_id text not null,
      vendor_request_id text,
      completeness text not null
    )`.execute(db)
    // Rows are inserted in the order of their times, so a BRIN index suffices. It costs writers almost nothing.
    await sql`create index usage_at on usage using brin (at) with (pages_per_range = 16)`.execute(db)
    await sql`create table spend (scope text primary key, spent numeric not null, updated timestamptz not null)`.execute(
      db,
    )
    await sql`create table spend_lease (
      scope text not null,
      instance text not null,
      amount numeric not null,
      expires timestamptz not null,
      primary key (scope, instance)
    )`.execute(db)
    await sql`create table request_rate (project_id text primary key, minute bigint not null, taken integer not null)`.execute(
      db,
    )
  },
}
