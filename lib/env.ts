import "server-only";
import { join, resolve } from "node:path";
import { z } from "zod";
import { AppError } from "#lib/errors";
import { MAX_DAYS } from "#lib/retention/rules";
import { ROOT } from "#lib/root";

const optional = (schema: z.ZodType<string>) => z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const days = (usual: number) => z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a number of days" }).int().min(0).max(MAX_DAYS).default(usual));

const usd = z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be US dollars, such as 2.50" }).min(0).max(1_000_000).optional());

/** Whether a host name or address is this machine's own. */
export const isLoopback = (name: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(name);

/** Every variable that Penstock reads, and the only place that reads them. */
const Env = z.object({
  /** Where state lives: database, log, secrets. */
  PENSTOCK_HOME: z.preprocess((value) => value || undefined, z.string().default(join(ROOT, ".penstock")).transform((path) => resolve(path))),
  /** A PostgreSQL server of one's own; without it one is embedded. */
  DATABASE_URL: optional(z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address, such as postgres://user:password@host:5432/penstock" })),
  /** Where the web server listens: a loopback address, as long as nobody signs in. */
  HOST: z.preprocess((value) => value || undefined, z.string().default("127.0.0.1")),
  /** The next free port from 3000 on unless asked for. */
  PORT: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a port number" }).int().min(0).max(65535).optional()),
  /** Units that one worker process runs at a time. */
  WORKER_CONCURRENCY: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a number" }).int().min(1).max(256).default(4)),
  /** Where a worker answers /healthz, /readyz and /metrics; nowhere unless set. */
  PENSTOCK_METRICS_PORT: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a port number" }).int().min(0).max(65535).optional()),
  /** YAML files, or folders of them, that declare pipelines of programs; several as in PATH. */
  PENSTOCK_PIPELINES: optional(z.string()),
  /** Days that a run is kept after it has ended; 0 for ever. */
  PENSTOCK_RETENTION_DAYS: days(90),
  /** Days that its payloads are: input and output of steps, prompts and responses, logs; 0 as long as the run. */
  PENSTOCK_PAYLOAD_DAYS: days(30),
  /** Any OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1; without it the local analyser answers. */
  PENSTOCK_AI_BASE_URL: optional(z.url({ protocol: /^https?$/, error: "must be an http(s) address, such as http://127.0.0.1:11434/v1" })),
  /** The key that the endpoint wants, if it wants one. */
  PENSTOCK_AI_API_KEY: optional(z.string()),
  /** The model to ask for. */
  PENSTOCK_AI_MODEL: optional(z.string()),
  /** A YAML file with more models, each with an endpoint of its own: what it holds is in lib/ai/models.ts. */
  PENSTOCK_MODELS: optional(z.string()),
  /** The longest that one model call may take, in milliseconds. */
  PENSTOCK_AI_TIMEOUT_MS: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be milliseconds" }).int().min(100).max(600_000).default(60_000)),
  /** How often a question that met a rate limit, a server error or a broken connection is asked, in all. Each is recorded. */
  PENSTOCK_AI_ATTEMPTS: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a number" }).int().min(1).max(10).default(3)),
  /** Calls that one worker process makes for a stage at a time. */
  PENSTOCK_AI_CONCURRENCY: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a number" }).int().min(1).max(256).default(8)),
  /** How long an endpoint that failed five times in a row is left alone, in milliseconds. */
  PENSTOCK_AI_PAUSE_MS: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be milliseconds" }).int().min(10).max(3_600_000).default(30_000)),
  /** What the model calls of one run may cost, in US dollars, whatever its stage; unset for no limit. */
  PENSTOCK_AI_RUN_BUDGET_USD: usd,
  /** What those of one stage may cost in a day (UTC). */
  PENSTOCK_AI_DAY_BUDGET_USD: usd,
  /** Whether the model takes pictures; unset, its name decides. */
  PENSTOCK_AI_IMAGES: z.preprocess((value) => (value === "" ? undefined : value), z.stringbool({ error: "must be true or false" }).optional()),
}).refine((env) => !env.PENSTOCK_AI_BASE_URL || env.PENSTOCK_AI_MODEL, {
  path: ["PENSTOCK_AI_MODEL"],
  error: "name the model to use at PENSTOCK_AI_BASE_URL",
});
export type Env = z.infer<typeof Env>;

/**
 * The environment, parsed. Pure: pass `process.env` or a test's own.
 *
 * @throws AppError INVALID that names every problem at once.
 */
export function parseEnv(source: Record<string, string | undefined> = process.env): Env {
  const parsed = Env.safeParse(source);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  throw new AppError("INVALID", `The environment is not right:\n${faults.map((fault) => `  ${fault.path}: ${fault.message}`).join("\n")}`, { faults });
}

/** A variable that a file of the user names, such as the key of a model; unset and empty are the same. */
export const readNamed = (name: string, source: Record<string, string | undefined> = process.env): string | undefined => source[name] || undefined;

/**
 * Refuses to serve on an address that others can reach. Asked where something is served, not while parsing: some
 * shells set HOST to the machine's name, and a list of runs need not mind.
 *
 * @throws AppError INVALID
 */
export function requireLoopback({ HOST }: Env): void {
  if (isLoopback(HOST)) return;
  throw new AppError("INVALID", `HOST is ${HOST}, which others may reach, and there is no sign-in yet: whoever reaches the server may do everything. Leave it at 127.0.0.1, and let others in through an SSH tunnel or a proxy on this machine that signs people in.`, { faults: [{ path: "HOST", message: "must be a loopback address" }] });
}
