/**
 * The public face of the engine: what a pipeline author writes.
 * Importing a pipeline must stay cheap, since pages import it too: load heavy libraries inside `unit`, with `await import(…)`.
 */
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Db } from "#lib/db/client";
import { ON_BUSY, type OnBusy } from "./on-busy.ts";

export { ON_BUSY, type OnBusy };

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Log lines kept per unit and attempt; past it one last line says so. */
export const MAX_LOG_LINES = 2_000;

/** The piece of a run that one worker takes at a time. `input` is JSON, and small: ids, not contents. */
export type UnitPlan<I> = { name: string; input: I; itemsTotal?: number };

/** Units that may run in parallel. Waves run one after another. */
export type Wave<I> = UnitPlan<I>[];

export const unit = <I>(name: string, input: I, itemsTotal?: number): UnitPlan<I> => ({ name, input, itemsTotal });
export const wave = <I>(units: UnitPlan<I>[]): Wave<I> => units;

/** Thrown by a unit, or given to `items.failed`: what is shown as the class of the error, apart from its message. */
export type ItemFailure = { item: string; error: unknown };

export type Items = {
  /** `n` more items are done. Inside `write` they count in the same commit as the rows. */
  done(n?: number): void;
  /** One item failed for this reason; the rest goes on, and the run ends `partial` (or `failed` when none succeeded). */
  failed(failure: ItemFailure): void;
};

/**
 * A prompt that is declared once: listed in the prompt library, and named by each call that was made from it. `text` has
 * its holes as `{{name}}`. The version is the hash of role, system and text, so a change makes a new one by itself.
 */
export type PromptTemplate = { name: string; role: string; version: string; description: string; system: string; text: string };

export function promptTemplate(name: string, { role = name, description = "", system, text }: { role?: string; description?: string; system: string; text: string }): PromptTemplate {
  const version = createHash("sha256").update(JSON.stringify([role, system, text])).digest("hex").slice(0, 12);
  return { name, role, version, description, system, text };
}

/** The text with its holes filled in, in one pass: what is filled in is never looked at for holes. A hole without a value stays empty. */
export const fillTemplate = ({ text }: Pick<PromptTemplate, "text">, values: Record<string, string | number>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, hole: string) => (Object.hasOwn(values, hole) ? String(values[hole]) : ""));

/** What bounds the model calls of a stage. The environment's limits hold besides; of two the smaller counts. */
export type LlmLimits = {
  /** What the calls of one run may cost, in US dollars. Once it is spent no further call is made and the run stops, saying so. */
  perRunUsd?: number;
  /** What the calls of the stage may cost in a day (UTC), all runs together. */
  perDayUsd?: number;
  /** Calls at a time, per worker process. */
  concurrency?: number;
  /** The longest that one call may take, in milliseconds. */
  timeoutMs?: number;
  /** How often a question is asked in all when it meets a rate limit, a server error or a broken connection. */
  attempts?: number;
};

/** `parameters` is a JSON Schema of an object. */
export type LlmTool = { name: string; description: string; parameters: { [key: string]: Json } };

/** A question to a language model, answered by the configured provider or else by `local`. */
export type LlmQuestion<T> = {
  /** Which part of the pipeline asks: shown in the AI audit. */
  role: string;
  /** What it is about: a sender domain, a symbol. */
  subject?: string;
  /** Which of the configured models is asked, by its name; the environment's own unless said. One that there is not is answered by `local`. */
  model?: string;
  system: string;
  prompt: string;
  /** The template that the prompt was made from. */
  template?: PromptTemplate;
  /** Pictures for models that take them; left out for others. */
  images?: { mimeType: string; base64: string }[];
  /** The longest that one call may take, in milliseconds; the stage's limit otherwise. */
  timeoutMs?: number;
  /** What the answer must look like. One that does not is shown to the model once, with what was wrong; a second one is an error. */
  schema: z.ZodType<T>;
  /** The account that the call is made for. */
  accountId?: number;
  /** The deterministic stand-in when no provider is configured; recorded as `provider = local`. */
  local: () => T;
  /**
   * Tools that the model may call in its answer. Its calls come to `schema` as `{ thought, calls: [{ tool, arguments }] }`; a
   * model that knows no tool calls may answer with that JSON itself.
   */
  tools?: LlmTool[];
};

/** What planning may use: the parameters and a database to look at. */
export type PlanCtx = { runId: number; db: Db; signal: AbortSignal; log(line: string): void };

/** How a step ended that `begin` began. `durationMs` when whoever did it has measured it better than we can from here. */
export type StepEnd = { status: "ok" | "skip" | "error"; output?: Json; error?: string; errorClass?: string; durationMs?: number };

/** A step that has begun and not ended: for acts that are no function of ours, such as those a program tells of. */
export type OpenStep = {
  end(end: StepEnd): Promise<void>;
  /** Says that `error`, which will end the unit, came up in this step. */
  blame(error: object): void;
};

/** A model call that somebody else has made, to be kept for the AI audit. */
export type LlmRecord = {
  provider: string;
  model: string;
  role: string;
  subject?: string;
  system?: string;
  prompt?: string;
  response?: string;
  parsed?: Json;
  inputTokens?: number;
  outputTokens?: number;
  durationMs?: number;
  /** Set when it failed. */
  error?: string;
  /** The step it belongs to. */
  step?: OpenStep;
};

/** What a unit may use. Every write through it is refused once the unit belongs to another attempt. */
export type UnitCtx<P> = {
  runId: number;
  unitSeq: number;
  /** Which attempt this is, from 1. */
  attempt: number;
  params: P;
  /** For reading. Writes go through `write`. */
  db: Db;
  /** Aborts when the run is cancelled or the worker must stop. Pass it on; check it between items. */
  signal: AbortSignal;
  items: Items & { total(n: number): void };
  /**
   * A recorded act: name, input, output, error, duration. On a later attempt of the unit a step that had
   * ended `ok` is not run again: its stored output is returned. Steps may nest.
   * The output must be JSON.
   */
  step<T extends Json | void>(name: string, input: Json, fn: (signal: AbortSignal) => Promise<T>, options?: StepOptions): Promise<T>;
  /** Records that a step was left out, and why. */
  skip(name: string, reason: string): Promise<void>;
  /** Begins a step that `end` ends. One that had ended `ok` on an earlier attempt stays as it was recorded then. */
  begin(name: string, input: Json, parent?: OpenStep): Promise<OpenStep>;
  /** Sets an annotation of the run. */
  annotate(key: string, value: string): Promise<void>;
  /**
   * One transaction that commits only while this attempt owns the unit; items counted in it are committed with it,
   * so that what was written and what was counted never differ, whatever dies when. So is `step`, the computation behind it.
   */
  write<T>(fn: (db: Db, items: Items) => Promise<T>, step?: StepOver): Promise<T>;
  llm: {
    generate<T>(question: LlmQuestion<T>): Promise<{ value: T; provider: string; model: string }>;
    record(call: LlmRecord): Promise<void>;
  };
  /**
   * Sets what the run decided, such as BUY, when the unit ends. `hold` ends the run as `hold` and `skip`, the reason, as
   * `skipped`, where it would have been `completed`; the last word of a run counts.
   */
  outcome(action: string, options?: { hold?: boolean; skip?: string }): void;
  /** What the run turned out to be about, besides what its parameters say: as `subjects` of the stage. */
  about(subjects: Record<string, string>): Promise<void>;
  /**
   * Starts a run of a stage of the same pipeline; with the same `key` in the same run only once, whatever dies when.
   *
   * @throws AppError INVALID; CONFLICT when one of the same exclusive key is not final yet.
   */
  trigger(stage: string, params: Record<string, Json>, key: string): Promise<{ runId: number }>;
  /** A line for the live output, kept with the run (bounded per unit). */
  log(line: string, level?: "info" | "warn" | "error"): void;
  /** The same on every attempt: give it to outside systems so that they can refuse a repeat. */
  idempotencyKey(step: string): string;
};

/** What a stage's `settle` sees after its last wave. */
export type SettleCtx<P> = Omit<UnitCtx<P>, "items">;


/** Milliseconds until a failed unit is tried again: `initialMs × factor^n`, `maxMs` at most, give or take the share `jitter` of it. */
export type Backoff = { initialMs: number; factor: number; maxMs: number; jitter: number };

export type UnitRetry = {
  /** How often a unit is tried in all. */
  attempts: number;
  backoff?: Partial<Backoff>;
  /** Classes of errors that another try would not mend, besides those of `noRetry` and of parameters: `ExitCode 2`. */
  never?: readonly string[];
};

/** What goes on for longer is ended: a unit (each attempt of it) as `UnitTimeout`, a run, from its first unit on, as `RunTimeout`. */
export type TimeLimits = { unitMs?: number; runMs?: number };

const hopeless = new WeakSet<object>();

/** Marks an error as one that another try would not mend: `throw noRetry(new Error("…"))`. */
export function noRetry<E extends object>(error: E): E {
  hopeless.add(error);
  return error;
}
export const isNoRetry = (error: unknown): boolean => typeof error === "object" && error !== null && hopeless.has(error);

export type StepOptions = {
  /** A step that goes on for longer ends as `StepTimeout`: `fn`'s signal aborts, and after a grace it is waited for no longer. */
  timeoutMs?: number;
  /**
   * For a look or a computation that makes no steps or model calls of its own: it is written once, when it is over, instead of
   * before and after. While it goes on nobody sees it, and of one in which the worker died nothing remains.
   */
  isBrief?: boolean;
};
export const BRIEF: StepOptions = { isBrief: true };
/** A computation that is over, to be recorded as a step with what was made of it. */
export type StepOver = { name: string; input: Json; output: Json; durationMs: number };

export type Stage<P = unknown, I = unknown> = {
  name: string;
  title: string;
  description: string;
  /** What one item is, in the plural: "messages", "senders". */
  itemsName: string;
  /** What the stage's rows are called, in the plural, such as "metadata rows". */
  rowsName: string;
  /** Stages of the same pipeline whose output this one reads: order for Run all, and the arrows on the page. */
  needs: string[];
  /** A zod object; each field has a default or is optional. Becomes the form, the CLI flags and the API schema. */
  params: z.ZodType<P>;
  /** At most one run per key goes on; null lets any number. Default: the stage itself. */
  exclusive?: (params: P) => string | null;
  /** What becomes of a trigger while a run of its key goes on; whoever triggers may say otherwise. Default: `reject`. */
  onBusy?: OnBusy;
  /** Units of the stage in flight at all workers together, planning and settling among them. An operator can change it. Default: none. */
  limit?: number;
  /** What becomes of a unit that fails. Default: it has failed. */
  retry?: UnitRetry;
  /** Default: as long as it takes. */
  timeouts?: TimeLimits;
  /** Left out of Run all (engage: it drafts messages to people). */
  manual?: boolean;
  /** Rows the stage has produced so far, and items waiting for it: both bounded, index-only questions. Left out where nobody can tell. */
  rows?: (db: Db) => Promise<number>;
  waiting?: (db: Db) => Promise<number>;
  /** The command line of a stage that runs a program, for people to read. */
  program?: string;
  /** What a run is about, in the pipeline's words (symbol, account): shown beside it, and what runs are filtered by. Names as `a_z0-9`, values up to 200 characters. */
  subjects?: (params: P) => Record<string, string | string[]>;
  /** What else shapes a run besides its parameters (provider, model): stored with it. */
  snapshot?: () => Record<string, Json>;
  /** The prompts that it asks with, for the prompt library. */
  prompts?: PromptTemplate[];
  /** What bounds its model calls. */
  llm?: LlmLimits;
  plan: (ctx: PlanCtx, params: P) => AsyncIterable<Wave<I>>;
  unit: (ctx: UnitCtx<P>, input: I) => Promise<Json | void>;
  settle?: (ctx: SettleCtx<P>) => Promise<Json | void>;
};

export type Pipeline = { name: string; title: string; description: string; stages: Stage[] };

export function defineStage<S extends z.ZodObject, I>(
  name: string,
  stage: Omit<Stage<z.infer<S>, I>, "name" | "params" | "needs"> & { params: S; needs?: string[] },
): Stage {
  // The engine parses parameters with `params` before any of these functions sees them, and gives `unit` only inputs that `plan` made.
  return { needs: [], ...stage, name } as unknown as Stage;
}

/**
 * Checks what types cannot: names, and that `needs` points at earlier stages.
 *
 * @throws Error on the first fault; it is the author's, and stops the process at start.
 */
export function definePipeline(name: string, pipeline: Omit<Pipeline, "name">): Pipeline {
  const NAME = /^[a-z][a-z0-9-]{0,49}$/;
  const known = new Set<string>();
  for (const candidate of [name, ...pipeline.stages.map((stage) => stage.name)]) {
    if (!NAME.test(candidate)) throw new Error(`"${candidate}" cannot name a pipeline or a stage: use a-z, 0-9 and "-", a letter first, 50 at most.`);
  }
  for (const stage of pipeline.stages) {
    if (known.has(stage.name)) throw new Error(`Pipeline ${name} has two stages named ${stage.name}.`);
    const missing = stage.needs.find((need) => !known.has(need));
    if (stage.limit !== undefined && !(Number.isInteger(stage.limit) && stage.limit > 0)) throw new Error(`Stage ${name}/${stage.name} has the limit ${stage.limit}: it must be a whole number from 1 on.`);
    const fault = faultOfLimits(stage);
    if (fault) throw new Error(`Stage ${name}/${stage.name} has ${fault}.`);
    if (missing) throw new Error(`Stage ${name}/${stage.name} needs "${missing}", which is no earlier stage of it.`);
    known.add(stage.name);
  }
  return { name, ...pipeline };
}

/** What is wrong with a stage's retries and time limits; null when nothing is. */
function faultOfLimits({ retry, timeouts = {} }: Pick<Stage, "retry" | "timeouts">): string | null {
  const day = 86_400_000;
  const within = (value: number | undefined, least: number, most: number) => value === undefined || (value >= least && value <= most);
  if (retry && !(Number.isInteger(retry.attempts) && within(retry.attempts, 1, 100))) return `${retry.attempts} attempts: it must be a whole number from 1 to 100`;
  const { initialMs, factor, maxMs, jitter } = retry?.backoff ?? {};
  if (!within(initialMs, 0, 7 * day) || !within(maxMs, 0, 7 * day)) return "a backoff that is no time from 0 to 7 days";
  if (!within(factor, 1, 100) || !within(jitter, 0, 1)) return "a backoff whose factor is not from 1 to 100, or whose jitter is not from 0 to 1";
  for (const [limit, ms] of Object.entries(timeouts)) if (!within(ms, 1, 30 * day)) return `the time limit ${limit} ${ms}: it must be from 1 ms to 30 days`;
  return null;
}
