import "server-only";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ROLES } from "#lib/access/rules";
import { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";
import { MAX_DAYS } from "#lib/retention/rules";
import { ROOT } from "#lib/root";

const optional = (schema: z.ZodType<string>) => z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** Unset, what an admin has set holds (lib/settings). */
const days = z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a number of days" }).int().min(0).max(MAX_DAYS).optional());

const usd = z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be US dollars, such as 2.50" }).min(0).max(1_000_000).optional());

/** Whether a host name or address is this machine's own. */
export const isLoopback = (name: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(name);

/** Every variable that Penstock reads, and the only place that reads them. */
const Env = z.object({
  /** Where state lives: database, log, secrets. */
  PENSTOCK_HOME: z.preprocess((value) => value || undefined, z.string().default(join(ROOT, ".penstock")).transform((path) => resolve(path))),
  /** A PostgreSQL server of one's own; without it one is embedded. */
  DATABASE_URL: optional(z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address, such as postgres://user:password@host:5432/penstock" })),
  /** Where the web server listens: this machine alone unless said otherwise. */
  HOST: z.preprocess((value) => value || undefined, z.string().default("127.0.0.1")),
  /** Requests a second of one person, key or signed-out address; 0 for no limit. */
  PENSTOCK_RATE_LIMIT: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a number of requests" }).int().min(0).max(1_000_000).default(LIMITS.requestsPerSecond)),
  /** Machines of networks of one's own that Penstock may ask, as host or host:port with commas between: else only public addresses, and what PENSTOCK_AI_BASE_URL names. */
  PENSTOCK_ALLOW_HOSTS: z.preprocess((value) => value || "", z.string()).transform((list) => list.split(",").map((host) => host.trim().toLowerCase()).filter(Boolean)),
  /** The next free port from 3000 on unless asked for. */
  PORT: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a port number" }).int().min(0).max(65535).optional()),
  /** The address that people open, when a proxy stands before Penstock: https there makes cookies secure. */
  PENSTOCK_URL: optional(z.url({ protocol: /^https?$/, error: "must be an http(s) address, such as https://penstock.example.org" })),
  /** Whether a proxy says who asks (the last of X-Forwarded-For) and by what protocol (X-Forwarded-Proto). Only behind one that overwrites both. */
  PENSTOCK_TRUST_PROXY: z.preprocess((value) => (value === "" ? undefined : value), z.stringbool({ error: "must be true or false" }).default(false)),
  /** What cookies and second factors are sealed with; kept in PENSTOCK_HOME unless set. The same for every web server of one database. */
  PENSTOCK_SECRET: optional(z.string().min(32, { error: "must be at least 32 characters: openssl rand -base64 32" })),
  /** Makes the first admin at start, where nobody is there to open a link. */
  PENSTOCK_ADMIN_EMAIL: optional(z.email({ error: "must be an e-mail address" })),
  PENSTOCK_ADMIN_PASSWORD: optional(z.string()),
  /** Sign-in by an OpenID Connect provider, with the id and secret it gave for Penstock. */
  PENSTOCK_OIDC_ISSUER: optional(z.url({ protocol: /^https?$/, error: "must be the provider's address, such as https://login.example.org" })),
  PENSTOCK_OIDC_CLIENT_ID: optional(z.string()),
  PENSTOCK_OIDC_CLIENT_SECRET: optional(z.string()),
  /** The role of whoever signs in by it for the first time. */
  PENSTOCK_OIDC_ROLE: z.preprocess((value) => (value === "" ? undefined : value), z.enum(ROLES, { error: `must be one of ${ROLES.join(", ")}` }).default("viewer")),
  /** Units that one worker process runs at a time. */
  WORKER_CONCURRENCY: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a number" }).int().min(1).max(256).default(4)),
  /** Where a worker answers /healthz, /readyz and /metrics; nowhere unless set. */
  PENSTOCK_METRICS_PORT: z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be a port number" }).int().min(0).max(65535).optional()),
  /** YAML files, or folders of them, that declare pipelines of programs; several as in PATH. */
  PENSTOCK_PIPELINES: optional(z.string()),
  /** Days that a run is kept after it has ended; 0 for ever. */
  PENSTOCK_RETENTION_DAYS: days,
  /** Days that its payloads are: input and output of steps, prompts and responses, logs; 0 as long as the run. */
  PENSTOCK_PAYLOAD_DAYS: days,
  /** Days that an entry of the audit log is kept; 0 for ever. */
  PENSTOCK_AUDIT_DAYS: days,
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
}).refine((env) => !env.PENSTOCK_OIDC_ISSUER || (env.PENSTOCK_OIDC_CLIENT_ID && env.PENSTOCK_OIDC_CLIENT_SECRET), {
  path: ["PENSTOCK_OIDC_ISSUER"],
  error: "needs PENSTOCK_OIDC_CLIENT_ID and PENSTOCK_OIDC_CLIENT_SECRET besides",
}).refine((env) => !env.PENSTOCK_ADMIN_EMAIL || env.PENSTOCK_ADMIN_PASSWORD, {
  path: ["PENSTOCK_ADMIN_PASSWORD"],
  error: "must be set together with PENSTOCK_ADMIN_EMAIL",
}).refine((env) => !env.PENSTOCK_AI_BASE_URL || env.PENSTOCK_AI_MODEL, {
  path: ["PENSTOCK_AI_MODEL"],
  error: "name the model to use at PENSTOCK_AI_BASE_URL",
});
export type Env = z.infer<typeof Env>;

const NAMES = Object.keys(Env.shape);
let last: { text: string; env: Env } | undefined;

/**
 * The environment, parsed. Pure: pass `process.env` or a test's own.
 *
 * @throws AppError INVALID that names every problem at once.
 */
export function parseEnv(source: Record<string, string | undefined> = process.env): Env {
  // Asked several times with every request: the same variables are parsed once.
  const text = source === process.env ? NAMES.map((name) => process.env[name] ?? "").join("\0") : null;
  if (text !== null && text === last?.text) return last.env;
  const parsed = Env.safeParse(source);
  if (parsed.success && text !== null) last = { text, env: parsed.data };
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  throw new AppError("INVALID", `The environment is not right:\n${faults.map((fault) => `  ${fault.path}: ${fault.message}`).join("\n")}`, { faults });
}

/** What whoever starts the server must know about its address; null on loopback. */
export function reachWarning({ HOST, PENSTOCK_URL }: Env): string | null {
  if (isLoopback(HOST)) return null;
  const who = HOST === "0.0.0.0" || HOST === "::" ? "Every machine that can reach this one, on any of its networks," : `Every machine that can reach ${HOST}`;
  const plain = PENSTOCK_URL?.startsWith("https:") ? `${PENSTOCK_URL} must be the only way to it: what comes here directly is not encrypted.` : "It speaks plain HTTP: passwords and data can be read on the way. Put a proxy with TLS before it and set PENSTOCK_URL to its https address.";
  return `HOST is ${HOST}. ${who} can open the sign-in page. ${plain}`;
}

/** A variable that a file of the user names, such as the key of a model; unset and empty are the same. */
export const readNamed = (name: string, source: Record<string, string | undefined> = process.env): string | undefined => source[name] || undefined;
