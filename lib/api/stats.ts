/** What the statistics route takes, and how it answers whoever has the answer already. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { printJson } from "#lib/api/problem";
import type { Ctx } from "#lib/ctx";
import { type FilterNode, type FilterTree, parseFilter, parseFilterText } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { type RunsFilter, RunsRequest } from "#lib/runs/filter";
import { STATS_BY } from "#lib/stats/fields";
import type { RunStatsInput } from "#lib/stats/queries";

const By = z.object({ by: z.enum(STATS_BY).nullable() });

/** The parameters of the run list, `by`, and `filter` with a tree as JSON. @throws AppError MISMATCH, ZodError */
export function parseStatsParams(ctx: Ctx, params: URLSearchParams): RunStatsInput {
  const list = new URLSearchParams(params);
  for (const own of ["by", "filter"]) list.delete(own);
  return statsInput(ctx, params.get("by") || null, RunsRequest.parse(list), parseFilterText(params.get("filter"), "filter"));
}

/** The same as a JSON body, with the tree as it is. */
export function parseStatsBody(ctx: Ctx, body: unknown): RunStatsInput {
  const { by = null, filter = null, ...list } = z.looseObject({}).parse(body);
  return statsInput(ctx, by, RunsRequest.parse(list), filter === null ? null : parseFilter(filter, "filter"));
}

function statsInput(ctx: Ctx, by: unknown, list: RunsFilter, tree: FilterTree | null): RunStatsInput {
  const whole = treeOfList(list, tree);
  return { ...By.parse({ by }), tree: whole && resolveMe(whole, ctx.actor.name) };
}

/** What the parameters of the run list ask beside a tree, as one tree. */
export function treeOfList({ status, pipeline, stage, q }: RunsFilter, tree: FilterTree | null): FilterTree | null {
  const nodes: FilterNode[] = [
    ...(status.length > 0 ? [{ value_in: { key: "system/pipeline_run.status", values: status } }] : []),
    ...(pipeline.length > 0 ? [{ value_in: { key: "system/pipeline_run.pipeline", values: pipeline } }] : []),
    ...(stage.length > 0 ? [{ value_in: { key: "system/pipeline_run.stage", values: stage } }] : []),
    ...(q ? [{ or: ["stage", "pipeline", "error"].map((field) => ({ value_contains: { key: `system/pipeline_run.${field}`, value_substring: q } })) }] : []),
    ...(tree ? [tree] : []),
  ];
  return nodes.length > 0 ? { and: nodes } : null;
}

/** `{ data }` with its ETag; 304 without a body for whoever names that tag. */
export function answerTagged(request: Request, data: unknown): Response {
  const body = printJson({ data });
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
  const headers = { ETag: etag, "Cache-Control": "private, no-cache" };
  const known = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(etag) || known.includes("*")) return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { "Content-Type": "application/json", ...headers } });
}
