import { z } from "zod";
import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { USAGE_BY } from "#lib/llm-calls/fields";
import { listTemplateUsage, NO_USAGE, readUsage, type UsageAsked, type UsageSums } from "#lib/llm-calls/sql/usage";
import { PIPELINES } from "#lib/pipelines/registry";

const Name = z.string().min(1).max(200).refine((text) => !text.includes("\0"), { error: "must not hold NUL characters" }).optional();
const Narrowed = { pipeline: Name, stage: Name, model: Name, provider: Name, role: Name, template: Name };

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Which calls, and how far back: `days` whole days of UTC, today among them. Hours are told up to 31 days back. */
export const UsageRequest = z
  .object({
    days: z.coerce.number({ error: "is a number of days, 1 to 400" }).int().min(1).max(400).default(30),
    granularity: z.enum(["daily", "hourly"], { error: "is daily or hourly" }).default("daily"),
    by: z.enum(USAGE_BY, { error: `is one of ${USAGE_BY.join(", ")}` }).default("model"),
    ...Narrowed,
  })
  .refine(({ days, granularity }) => granularity === "daily" || days <= 31, { path: ["days"], error: "is 31 at most with granularity=hourly" });
export type UsageRequest = z.infer<typeof UsageRequest>;

export function askedOf({ days, granularity: _, by: __, ...narrowed }: UsageRequest, now: Date): UsageAsked {
  const to = new Date(Math.ceil((now.getTime() + 1) / HOUR_MS) * HOUR_MS);
  return { ...narrowed, from: new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - (days - 1) * DAY_MS), to };
}

export type Usage = {
  from: Date;
  to: Date;
  total: UsageSums;
  /** By `by`, the dearest first. */
  groups: (UsageSums & { key: string; lastAt: Date })[];
  /** Every day or hour of the time, also those without calls. */
  series: { at: Date; total: UsageSums; groups: (UsageSums & { key: string })[] }[];
};

/** Groups told at most, the dearest. */
const MAX_GROUPS = 200;

/** What model calls took and cost. Cost is that of the priced calls; how many those are is said beside it. */
export async function getUsage(ctx: Ctx, request: UsageRequest, now = new Date()): Promise<Usage> {
  allow(ctx, "runs.read");
  const asked = askedOf(request, now);
  const step = request.granularity === "hourly" ? "hour" : "day";
  const { total, groups, cells } = await readUsage(ctx, asked, step, request.by);
  const found = Map.groupBy(cells, ({ at }) => at.getTime());
  const series: Usage["series"] = [];
  for (let at = asked.from.getTime(); at < asked.to.getTime(); at += step === "hour" ? HOUR_MS : DAY_MS) {
    const own = (found.get(at) ?? []).map(({ at: _, lastAt: __, ...cell }) => cell);
    series.push({ at: new Date(at), total: own.reduce(added, NO_USAGE), groups: own });
  }
  const dearest = groups.toSorted((a, b) => b.costUsd - a.costUsd || b.calls - a.calls || (a.key < b.key ? -1 : 1)).slice(0, MAX_GROUPS);
  return { from: asked.from, to: asked.to, total, groups: dearest, series };
}

/** Whether any model call was ever made, also when retention has removed it since. */
export async function hasUsage(ctx: Ctx): Promise<boolean> {
  allow(ctx, "runs.read");
  return (await ctx.db.llmUsageHour.findFirst({ where: { calls: { not: 0 } }, select: { at: true } })) !== null;
}

function added(sum: UsageSums, cell: UsageSums): UsageSums {
  return Object.fromEntries((Object.keys(NO_USAGE) as (keyof UsageSums)[]).map((name) => [name, sum[name] + cell[name]])) as UsageSums;
}

export type PromptVersion = { version: string; calls: number; failed: number; costUsd: number; lastAt: Date | null; /** Whether the pipelines ask with it now. */ isCurrent: boolean };
/** What it said: null where nothing kept it, since it was last asked with before texts were kept. */
export type PromptVersionText = PromptVersion & { role: string | null; system: string | null; text: string | null };
export type Prompt = { name: string; role: string | null; description: string; system: string | null; text: string | null; stages: string[]; versions: PromptVersion[] };

/** The prompt library: templates that pipelines declare, and those that only calls remember; with what each version was used for. */
export async function listPrompts(ctx: Ctx): Promise<Prompt[]> {
  allow(ctx, "runs.read");
  const used = Map.groupBy(await listTemplateUsage(ctx), ({ template }) => template);
  const declared = new Map<string, Prompt & { version: string }>();
  for (const { name: pipeline, stages } of PIPELINES) {
    for (const stage of stages) {
      for (const { name, role, version, description, system, text } of stage.prompts ?? []) {
        const known = declared.get(name) ?? { name, role, version, description, system, text, stages: [], versions: [] };
        known.stages.push(`${pipeline}/${stage.name}`);
        declared.set(name, known);
      }
    }
  }
  const names = [...new Set([...declared.keys(), ...used.keys()])].toSorted();
  return names.map((name): Prompt => {
    const { version: current, ...own } = declared.get(name) ?? { name, role: null, version: null, description: "", system: null, text: null, stages: [], versions: [] };
    const versions = (used.get(name) ?? []).map(({ version, calls, failed, costUsd, lastAt }): PromptVersion => ({ version, calls, failed, costUsd, lastAt, isCurrent: version === current }));
    const isUnused = current !== null && versions.every(({ isCurrent }) => !isCurrent);
    return { ...own, versions: isUnused ? [{ version: current, calls: 0, failed: 0, costUsd: 0, lastAt: null, isCurrent: true }, ...versions] : versions };
  });
}

/**
 * One prompt with what each of its versions said, the current one first, then as `listPrompts` has them.
 *
 * @throws AppError NOT_FOUND when nothing declares it, and no call was ever made with it
 */
export async function getPrompt(ctx: Ctx, name: string): Promise<Omit<Prompt, "versions"> & { versions: PromptVersionText[] }> {
  allow(ctx, "runs.read");
  const prompt = (await listPrompts(ctx)).find((one) => one.name === name);
  if (!prompt) throw new AppError("NOT_FOUND", `No prompt "${name.slice(0, 100)}": no pipeline declares it, and no call was made with it.`);
  const kept = new Map((await ctx.db.promptText.findMany({ where: { name } })).map((row) => [row.version, row]));
  const versions = prompt.versions.map((version): PromptVersionText => {
    if (version.isCurrent) return { ...version, role: prompt.role, system: prompt.system, text: prompt.text };
    const { role = null, systemPrompt: system = null, text = null } = kept.get(version.version) ?? {};
    return { ...version, role, system, text };
  });
  return { ...prompt, versions: versions.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent)) };
}
