/**
 * The public face of the engine: what a pipeline author writes.
 * Importing a pipeline must stay cheap, since pages import it too: load heavy libraries inside `unit`, with `await import(…)`.
 */
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Db } from "#lib/db/client";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

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

/** A question to a language model, answered by the configured provider or else by `local`. */
export type LlmQuestion<T> = {
  /** Which part of the pipeline asks: shown in the AI audit. */
  role: string;
  /** What it is about: a sender domain, a symbol. */
  subject?: string;
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
};

/** What planning may use: the parameters and a database to look at. */
export type PlanCtx = { runId: number; db: Db; signal: AbortSignal; log(line: string): void };

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
  step<T extends Json | void>(name: string, input: Json, fn: () => Promise<T>): Promise<T>;
  /** Records that a step was left out, and why. */
  skip(name: string, reason: string): Promise<void>;
  /**
   * One transaction that commits only while this attempt owns the unit; items counted in it are committed with it,
   * so that what was written and what was counted never differ, whatever dies when.
   */
  write<T>(fn: (db: Db, items: Items) => Promise<T>): Promise<T>;
  llm: { generate<T>(question: LlmQuestion<T>): Promise<{ value: T; provider: string; model: string }> };
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

/** What a stage's `settle` sees after its last wave, and may say of the run. */
export type SettleCtx<P> = Omit<UnitCtx<P>, "items">;

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
  /** At most one active run per key; a second is refused with the run that is in the way. Default: the stage itself. */
  exclusive?: (params: P) => string | null;
  /** Left out of Run all (engage: it drafts messages to people). */
  manual?: boolean;
  /** Rows the stage has produced so far, and items waiting for it: both bounded, index-only questions. */
  rows: (db: Db) => Promise<number>;
  waiting: (db: Db) => Promise<number>;
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
    if (missing) throw new Error(`Stage ${name}/${stage.name} needs "${missing}", which is no earlier stage of it.`);
    known.add(stage.name);
  }
  return { name, ...pipeline };
}
