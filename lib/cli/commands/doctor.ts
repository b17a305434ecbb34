import { mkdtempSync, rmdirSync, existsSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { envOfModel, listRemoteModels } from "#lib/ai/models";
import { type Env, parseEnv } from "#lib/env";
import { AppError, messageOf } from "#lib/errors";
import { guardedFetch } from "#lib/net/guarded-fetch";
import { formatBytes } from "#lib/format/number";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { type Colour, paint } from "../style.ts";

/** The oldest Node that runs TypeScript files as they are. */
const NODE_WANTED = [22, 18] as const;
/** Free space below which an import or a busy day may fill the disk, and below which PostgreSQL is about to stop. */
const LOW_BYTES = 2_000_000_000;
const FULL_BYTES = 200_000_000;
/** How long the AI endpoint may take to say that it is there, in milliseconds. */
const AI_TIMEOUT_MS = 5_000;

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Looks at Node, the data folder, the disk, the database, the workers and the AI endpoint. Exit code 1 when something is wrong; what is merely unusual is said and passes.";
export const environment = { PENSTOCK_AI_BASE_URL: "the AI endpoint to look for", PENSTOCK_MODELS: "a YAML file with more of them" };
export const examples = ["./penstock doctor", "./penstock doctor -o json"];

type Check = { check: string; state: "ok" | "warn" | "fail"; message: string };
const MARKS = { ok: ["green", "✓"], warn: ["yellow", "◐"], fail: ["red", "✗"] } as const satisfies Record<Check["state"], [Colour, string]>;

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const checks: Check[] = [checkNode(process.versions.node)];
  const env = await attempt("environment", async () => parseEnv(io.env), checks);
  if (env) {
    checks.push(checkHome(env.PENSTOCK_HOME), checkDisk(env.PENSTOCK_HOME));
    checks.push(...(await checkDatabase(io, env)), ...((await attempt("ai", () => Promise.all(aiEnvs(env).map(checkAi)), checks)) ?? []));
  }
  printRows(io, outputFormat(values), checks, {
    id: ({ check }) => check,
    empty: "",
    columns: [
      { header: "Check", print: ({ check }) => check },
      { header: "", print: ({ state }) => paint(io, MARKS[state][0], `${MARKS[state][1]} ${state}`) },
      { header: "", print: ({ message }) => message },
    ],
  });
  return checks.some(({ state }) => state === "fail") ? EXIT.failed : EXIT.done;
}

async function attempt<T>(check: string, look: () => Promise<T>, checks: Check[]): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    checks.push({ check, state: "fail", message: error.message });
    return null;
  }
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const fits = major > NODE_WANTED[0] || (major === NODE_WANTED[0] && minor >= NODE_WANTED[1]);
  return { check: "node", state: fits ? "ok" : "fail", message: fits ? version : `${version} is too old: ${NODE_WANTED.join(".")} or newer is needed` };
}

/** What there is of a folder that may not exist yet. */
function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function checkHome(home: string): Check {
  const folder = nearestExisting(home);
  try {
    rmdirSync(mkdtempSync(join(folder, ".penstock-doctor-")));
    return { check: "home", state: "ok", message: home };
  } catch (error) {
    return { check: "home", state: "fail", message: `${folder} cannot be written to (${messageOf(error)}). Make it writable, or set PENSTOCK_HOME to a folder that is` };
  }
}

function checkDisk(home: string): Check {
  const { bavail, bsize } = statfsSync(nearestExisting(home));
  const free = bavail * bsize;
  const state = free < FULL_BYTES ? "fail" : free < LOW_BYTES ? "warn" : "ok";
  return { check: "disk", state, message: `${formatBytes(free)} free${state === "ok" ? "" : ": make room before you import or run anything"}` };
}

type Facts = { version: string; number: number; migrations: number; bytes: bigint };

async function checkDatabase(io: Io, env: Env): Promise<Check[]> {
  const checks: Check[] = [];
  const kind = env.DATABASE_URL ? "of DATABASE_URL" : "embedded";
  await attempt("database", () => withCtx(io, async (ctx) => {
    const [facts] = await ctx.db.$queryRaw<Facts[]>`
      select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
             (select count(*)::int from _prisma_migrations where finished_at is not null) as migrations,
             pg_database_size(current_database()) as bytes`;
    checks.push({ check: "database", state: "ok", message: `PostgreSQL ${facts?.version}, ${kind}, ${formatBytes(Number(facts?.bytes ?? 0))}` });
    checks.push({ check: "migrations", state: "ok", message: `up to date, ${facts?.migrations} applied` });
    const { countLiveWorkers } = await import("#lib/workers/queries");
    const workers = await countLiveWorkers(ctx);
    checks.push(workers > 0
      ? { check: "workers", state: "ok", message: `${workers} alive` }
      : { check: "workers", state: "warn", message: "none is alive: runs wait until ./penstock start or ./penstock worker runs" });
  }), checks);
  return checks;
}

/** The environment for each endpoint there is; itself when there is none. */
function aiEnvs(env: Env): Env[] {
  const named = listRemoteModels(env).flatMap(({ name }) => envOfModel(env, name) ?? []);
  return named.length === 0 ? [env] : named;
}

async function checkAi({ PENSTOCK_AI_BASE_URL: url, PENSTOCK_AI_API_KEY: key, PENSTOCK_AI_MODEL: model }: Env): Promise<Check> {
  if (!url) return { check: "ai", state: "ok", message: "none configured: the local analyser answers" };
  try {
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
    const response = await guardedFetch(`${url.replace(/\/+$/, "")}/models`, { headers, signal: AbortSignal.timeout(AI_TIMEOUT_MS) }, { named: url });
    if (response.ok) return { check: "ai", state: "ok", message: `${model} at ${url}` };
    const why = response.status === 401 || response.status === 403 ? "it wants another key" : "it may still answer questions";
    return { check: "ai", state: "warn", message: `${url} answered ${response.status} when asked for its models: ${why}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    return { check: "ai", state: "warn", message: `${url} does not answer (${cause}); what needs a model fails until it does` };
  }
}
