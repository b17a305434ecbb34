import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";

export type DatabaseFacts = { version: string; name: string; bytes: number; startedAt: Date; migrations: number; newestMigration: string | null; connections: number };

/** What the database says of itself. Sizes are those of the files. @throws AppError FORBIDDEN */
export async function getDatabaseFacts(ctx: Ctx): Promise<DatabaseFacts> {
  allow(ctx, "metrics.read");
  const [facts] = await ctx.db.$queryRaw<DatabaseFacts[]>`
    select current_setting('server_version') as version, current_database() as name, pg_database_size(current_database())::float8 as bytes, pg_postmaster_start_time() as "startedAt",
           count(*)::int as migrations, max(m.migration_name) as "newestMigration", (select count(*)::int from pg_stat_activity a where a.datname = current_database()) as connections
      from _prisma_migrations m
     where m.finished_at is not null and m.rolled_back_at is null`;
  if (!facts) throw new Error("The database answered nothing about itself");
  return facts;
}
