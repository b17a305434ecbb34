/** Pipelines whose stages run programs, as a YAML file declares them: what may stand there, and the pipeline it makes. */
import { z } from "zod";
import { definePipeline, type Json, ON_BUSY, type Pipeline, type Stage } from "#lib/engine/define";
import { defineProgramStage, refuseEnv } from "#lib/engine/program";

const NAME = /^[a-z][a-z0-9-]{0,49}$/;
const PARAM_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,49}$/;
const TEXT_MAX = 10_000;
const UNITS_MAX = 10_000;

const Name = z.string().regex(NAME, 'must be a-z, 0-9 and "-", a letter first, 50 at most');
const ParamName = z.string().regex(PARAM_NAME, 'must be letters, digits, "_" and "-", a letter first, 50 at most');
const Prose = z.string().max(2_000);
/** What the system hands to a program is a C string. */
const Word = z.string().max(TEXT_MAX).refine((text) => !text.includes("\0") && text.isWellFormed(), "must not hold NUL or half a character");

const about = { title: z.string().min(1).max(100).optional(), description: Prose.optional() };
type Bounds = { min?: number; max?: number; default?: unknown };

/** Faults that only the parts together show. `sizeOf` is what the bounds are about. */
const inBounds = (sizeOf: (value: never) => number) => (param: Bounds, ctx: z.RefinementCtx) => {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = param;
  if (min > max) ctx.addIssue({ code: "custom", path: ["min"], message: `is more than max (${max})` });
  else if (param.default !== undefined && (sizeOf(param.default as never) < min || sizeOf(param.default as never) > max)) ctx.addIssue({ code: "custom", path: ["default"], message: "is out of the bounds" });
};
const itself = (value: number) => value;

const Param = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("integer"), ...about, min: z.int().optional(), max: z.int().optional(), default: z.int().optional() }).superRefine(inBounds(itself)),
  z.strictObject({ type: z.literal("number"), ...about, min: z.number().optional(), max: z.number().optional(), default: z.number().optional() }).superRefine(inBounds(itself)),
  z.strictObject({ type: z.literal("boolean"), ...about, default: z.boolean().optional() }),
  z.strictObject({ type: z.literal("text"), ...about, min: z.int().min(0).max(TEXT_MAX).optional(), max: z.int().min(0).max(TEXT_MAX).optional(), default: Word.optional() }).superRefine(inBounds((text: string) => text.length)),
  z.strictObject({ type: z.literal("choice"), ...about, choices: z.array(Word.min(1)).min(1).max(200), default: z.string().optional() }).superRefine((param, ctx) => {
    if (new Set(param.choices).size < param.choices.length) ctx.addIssue({ code: "custom", path: ["choices"], message: "names one twice" });
    if (param.default !== undefined && !param.choices.includes(param.default)) ctx.addIssue({ code: "custom", path: ["default"], message: `is none of ${param.choices.join(", ")}` });
  }),
], { error: "must be integer, number, boolean, text or choice" });
type Param = z.infer<typeof Param>;

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A time such as 500ms, 30s, 10m, 2h or 1d, in milliseconds: 7 days at most. */
const Duration = z.string({ error: "must be a time, such as 30s, 10m or 2h" }).transform((text, ctx) => {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = Math.round(Number(number) * (UNIT_MS[unit] ?? 0));
  if (ms >= 1 && ms <= 7 * (UNIT_MS.d ?? 0)) return ms;
  ctx.addIssue({ code: "custom", message: "must be a time from 1ms to 7d, such as 30s, 10m or 2h" });
  return z.NEVER;
});

const EnvName = z.string().superRefine((name, ctx) => {
  const fault = refuseEnv(name);
  if (fault) ctx.addIssue({ code: "custom", message: fault });
});

const DeclaredStage = z.strictObject({
  name: Name,
  title: z.string().min(1).max(100).optional(),
  description: Prose.optional(),
  needs: z.array(Name).default([]),
  params: z.record(ParamName, Param).default({}),
  /** The program and its first arguments. Never read by a shell. */
  run: z.tuple([Word.min(1)], Word, { error: "must be a list: the program, then its arguments" }),
  /** Seen from the file; the file's folder unless told. */
  cwd: z.string().min(1).optional(),
  input: z.enum(["args", "stdin"]).default("args"),
  env: z.array(EnvName).max(100).default([]),
  /** Names of units that run in parallel, or the parameter that lists them. */
  units: z.union([z.array(Word.min(1).max(200)).min(1).max(UNITS_MAX), z.strictObject({ param: z.string() })], { error: "must be a list of names, or { param: name }" }).optional(),
  /** What one item is, in the plural. */
  items: z.string().min(1).max(50).default("items"),
  /** Left out of Run all. */
  manual: z.boolean().default(false),
  /** true: one run at a time; false: any number; a list of parameters: one for each of their values. */
  exclusive: z.union([z.boolean(), z.array(z.string()).min(1)], { error: "must be true, false, or a list of parameters" }).default(true),
  /** What becomes of a trigger while another run of its key goes on. */
  onBusy: z.enum(ON_BUSY).optional(),
  /** Units in flight at all workers together. */
  limit: z.int().min(1).max(10_000).optional(),
  timeouts: z.strictObject({ unit: Duration.optional(), run: Duration.optional() }).optional(),
  retry: z
    .strictObject({ attempts: z.int().min(1).max(100), initial: Duration.optional(), factor: z.number().min(1).max(100).optional(), max: Duration.optional(), jitter: z.number().min(0).max(1).optional(), never: z.array(z.string()).default([]) })
    .optional(),
  /** Parameters that say what a run is about. */
  subjects: z.array(z.string()).default([]),
});
export type DeclaredStage = z.infer<typeof DeclaredStage>;

export const DeclaredPipeline = z.strictObject({
  pipeline: Name,
  title: z.string().min(1).max(100).optional(),
  description: Prose.default(""),
  stages: z.array(DeclaredStage).min(1, "must have a stage").max(100),
});
export type DeclaredPipeline = z.infer<typeof DeclaredPipeline>;

/** The pipeline that a checked declaration makes; `folder` is where its file lies. */
export function pipelineOf({ pipeline, title, description, stages }: DeclaredPipeline, folder: string): Pipeline {
  return definePipeline(pipeline, { title: title ?? sentence(pipeline), description, stages: stages.map((stage) => stageOf(pipeline, stage, folder)) });
}

function stageOf(pipeline: string, stage: DeclaredStage, folder: string): Stage {
  const { name, title, description = "", needs, run, cwd, input, env, units, items, manual, exclusive, onBusy, limit, timeouts, retry, subjects } = stage;
  return defineProgramStage(name, {
    title: title ?? sentence(name),
    description,
    needs,
    params: z.object(Object.fromEntries(Object.entries(stage.params).map(([paramName, param]) => [paramName, schemaOf(param)]))),
    run,
    // Not by node:path, which pages that show the stage have no use for: the process that runs it makes the path whole.
    cwd: cwd === undefined ? folder : cwd.startsWith("/") ? cwd : `${folder}/${cwd}`,
    input,
    env,
    ...(units && { units: Array.isArray(units) ? units : (params: Record<string, unknown>) => listed(params[units.param]) }),
    itemsName: items,
    manual,
    ...(exclusive !== true && { exclusive: (params: Record<string, unknown>) => (exclusive === false ? null : `${pipeline}/${name}:${JSON.stringify(exclusive.map((param) => params[param] ?? null))}`) }),
    ...(onBusy && { onBusy }),
    ...(limit !== undefined && { limit }),
    ...(timeouts && { timeouts: defined({ unitMs: timeouts.unit, runMs: timeouts.run }) }),
    ...(retry && { retry: { attempts: retry.attempts, backoff: defined({ initialMs: retry.initial, factor: retry.factor, maxMs: retry.max, jitter: retry.jitter }), never: retry.never } }),
    subjects: (params: Record<string, unknown>) => Object.fromEntries(subjects.flatMap((param) => (params[param] == null ? [] : [[subjectName(param), String(params[param])]]))),
  });
}

/** Without the members that were left out. */
const defined = <T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> };

/** A parameter without a default may be left out, and is null then. */
function schemaOf(param: Param): z.ZodType {
  const { title, description } = param;
  const schema = bareSchemaOf(param).meta({ ...(title && { title }), ...(description && { description }) });
  return param.default === undefined ? schema.nullable().default(null) : schema.default(param.default as Json);
}

function bareSchemaOf(param: Param): z.ZodType {
  switch (param.type) {
    case "integer":
      return z.int().min(param.min ?? Number.MIN_SAFE_INTEGER).max(param.max ?? Number.MAX_SAFE_INTEGER);
    case "number":
      return bounded(param);
    case "boolean":
      return z.boolean();
    case "text":
      return Word.min(param.min ?? 0).max(param.max ?? TEXT_MAX);
    case "choice":
      return z.enum(param.choices);
  }
}

function bounded({ min, max }: { min?: number; max?: number }): z.ZodNumber {
  const low = min === undefined ? z.number() : z.number().min(min);
  return max === undefined ? low : low.max(max);
}

/** "a, b c" names three units. */
const listed = (value: unknown): string[] => (value == null ? [] : String(value).split(/[\s,]+/).filter(Boolean).slice(0, UNITS_MAX));

/** Subjects are called `a_z0-9`. */
const subjectName = (param: string): string => param.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_").toLowerCase();

function sentence(name: string): string {
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
