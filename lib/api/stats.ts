/** What the statistics route takes, and how it answers whoever has the answer already. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { printJson } from "#lib/api/problem";
import type { Ctx } from "#lib/ctx";
import { resolveMe } from "#lib/filters/rules";
import { parseRunsRequest } from "#lib/runs/filter";
import { STATS_BY } from "#lib/stats/fields";
import type { RunStatsInput } from "#lib/stats/queries";

const By = z.object({ by: z.enum(STATS_BY).nullable() });

/** What the run list takes, and `by`: an address's parameters, or a JSON body. @throws AppError MISMATCH, ZodError */
export function parseStatsRequest(ctx: Ctx, input: URLSearchParams | Record<string, unknown>): RunStatsInput {
  const by = input instanceof URLSearchParams ? input.get("by") || null : (input.by ?? null);
  const { tree } = parseRunsRequest(input, ["by"]);
  return { ...By.parse({ by }), tree: tree && resolveMe(tree, ctx.actor.name) };
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
