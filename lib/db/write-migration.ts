/**
 * Writes the migration from the committed schema to the one in the work tree: `./penstock migrate new <name>`.
 * The committed schema is what the newest migration leads to, since both are committed together.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#lib/errors";
import { ROOT } from "#lib/root";
import { diffSchemas, readMigrations, readSchema, type SchemaFile } from "./schema-engine.ts";

export async function writeMigration(url: string, name: string, now: Date): Promise<string> {
  const migrationsDir = join(ROOT, "prisma/migrations");
  const isFirst = (await readMigrations(migrationsDir)).length === 0;
  const script = await diffSchemas(url, isFirst ? null : committedSchema(), await readSchema(join(ROOT, "prisma/schema")));
  if (!script.trim() || script.includes("This is an empty migration")) throw new AppError("INVALID", "The schema has not changed since the last commit.");
  const folder = `${now.toISOString().replace(/\D/g, "").slice(0, 14)}_${name}`;
  mkdirSync(join(migrationsDir, folder));
  writeFileSync(join(migrationsDir, folder, "migration.sql"), script);
  return folder;
}

function committedSchema(): SchemaFile[] {
  const git = (...args: string[]) => spawnSync("git", args, { cwd: ROOT, encoding: "utf8" }).stdout;
  const paths = git("ls-tree", "--name-only", "HEAD", "prisma/schema/").split("\n").filter((path) => path.endsWith(".prisma"));
  return paths.map((path) => ({ path: path.replace("prisma/schema/", ""), content: git("show", `HEAD:${path}`) }));
}
