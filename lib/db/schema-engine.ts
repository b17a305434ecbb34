/** Prisma's schema engine in WebAssembly: the native one would have to be downloaded, which many machines cannot. */
import { readFile, readdir } from "node:fs/promises";
import { join as joinPath } from "node:path";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import pg from "pg";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";

type SchemaEngine = bindings.SchemaEngine;
export type SchemaFile = { path: string; content: string };

let loaded: Promise<typeof bindings.SchemaEngine> | undefined;

/** The WebAssembly module is loaded by hand, since Node does not import `.wasm` files; once, since its bindings hold one instance. */
async function loadEngine(): Promise<typeof bindings.SchemaEngine> {
  const wasmPath = joinPath(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"), "../schema_engine_bg.wasm");
  const { instance } = await WebAssembly.instantiate(await readFile(wasmPath), { "./schema_engine_bg.js": bindings as unknown as WebAssembly.ModuleImports });
  const glue = bindings as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return bindings.SchemaEngine;
}

/** The schema files of the project, as `[path, content]` pairs in a stable order. */
export async function readSchema(dir: string): Promise<SchemaFile[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".prisma")).sort();
  return Promise.all(names.map(async (name) => ({ path: name, content: await readFile(joinPath(dir, name), "utf8") })));
}

export type Migration = { name: string; script: string };

/** Every `<name>/migration.sql` below `dir`, in the order of their names. */
export async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  return Promise.all(names.map(async (name) => ({ name, script: await readFile(joinPath(dir, name, "migration.sql"), "utf8") })));
}

/**
 * The adapter cuts scripts at every semicolon, also inside comments and function bodies, and runs the pieces one by one.
 * Sent whole, a script is one implicit transaction: it is applied or it is not.
 */
function withWholeScripts(factory: PrismaPg, pool: pg.Pool): PrismaPg {
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    adapter.executeScript = async (script) => {
      await pool.query(script);
    };
    return adapter;
  };
  return factory;
}

async function withEngine<T>(url: string, schema: SchemaFile[], fn: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const Engine = await (loaded ??= loadEngine());
  const pool = new pg.Pool({ connectionString: url });
  const factory = bindMigrationAwareSqlAdapterFactory(withWholeScripts(new PrismaPg(pool), pool));
  const engine = await Engine.new({ datamodels: schema.map(({ path, content }) => [path, content]) } as never, () => {}, factory as never);
  try {
    return await fn(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

const NO_FILTER = { externalTables: [], externalEnums: [] };

/** Applies what is not applied yet and writes `_prisma_migrations` as `prisma migrate deploy` would. Returns the names. */
export function applyMigrations(url: string, schema: SchemaFile[], dir: string, migrations: Migration[]): Promise<string[]> {
  return withEngine(url, schema, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: dir,
        lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
        shadowDbInitScript: "",
        migrationDirectories: migrations.map(({ name, script }) => ({
          path: name,
          migrationFile: { path: "migration.sql", content: { tag: "ok", value: script } },
        })),
      },
      filters: NO_FILTER,
    });
    return appliedMigrationNames;
  });
}

/** The SQL that leads from the schema `from` (none: an empty database) to the schema `to`. `url` is only connected to, not changed. */
export function diffSchemas(url: string, from: SchemaFile[] | null, to: SchemaFile[]): Promise<string> {
  return withEngine(url, to, async (engine) => {
    const { stdout } = await engine.diff({
      from: from ? { tag: "schemaDatamodel", files: from, configDir: "." } as never : { tag: "empty" },
      to: { tag: "schemaDatamodel", files: to, configDir: "." } as never,
      script: true,
      exitCode: null,
      filters: NO_FILTER,
    });
    return stdout ?? "";
  });
}
