import fc from "fast-check";
import { expect, it } from "vitest";
import { parseFilter } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { DAY_MS, HOUR_MS } from "#lib/stats/rules";
import { ALL_STEPS, ALWAYS, coverSpan, CREATOR_STEPS, planAnnotated, planRollup } from "#lib/stats/sql/plan";

const P = "system/pipeline_run.";
const NOW = Date.parse("2026-03-08T12:34:56Z");
const plan = (...nodes: unknown[]) => planRollup(resolveMe(parseFilter({ and: nodes }), "ann"), NOW);
const me = { value_equals: { key: `${P}created_by`, value: "me" } };
const from = { time_range: { key: `${P}date.created_at`, start_time: "2026-03-01T00:00:00Z" } };
const to = { time_range: { key: `${P}date.created_at`, end_time: "2026-03-05T00:30:00Z" } };
const last = { time_last: { key: `${P}date.created_at`, span: "7d" } };

it("times are taken out of the tree, the rest is asked of rollups", () => {
  expect(planRollup(null, NOW)).toEqual({ span: ALWAYS, rest: null, usesCreator: false, usesTrigger: false });
  expect(plan(me, from, { and: [to] })).toEqual({ span: { from: Date.parse("2026-03-01T00:00:00Z"), to: Date.parse("2026-03-05T00:30:00Z") }, rest: { and: [{ value_equals: { key: `${P}created_by`, value: "ann" } }] }, usesCreator: true, usesTrigger: false });
  expect(plan(last)?.span).toEqual({ from: NOW - 7 * DAY_MS, to: Infinity });
  expect(plan({ not: { value_in: { key: `${P}triggered_by`, values: ["web"] } } })?.usesTrigger).toBe(true);
});

it.each<[string, unknown]>([
  ["an annotation", { key_exists: { key: "team" } }], ["a subject", { key_exists: { key: `${P}subject.symbol` } }], ["an error", { value_contains: { key: `${P}error`, value_substring: "a" } }],
  ["a search", { value_contains: { key: `${P}text`, value_substring: "a" } }], ["another time", { time_last: { key: `${P}date.started_at`, span: "7d" } }], ["items", { number_range: { key: `${P}items`, min: 1 } }],
  ["a time beside or", { or: [me, from] }], ["a time in not", { not: last }], ["one unknown among many", { or: [me, { and: [me, { key_exists: { key: "team" } }] }] }],
])("%s is asked of the runs", (_, node) => {
  expect(plan(me, node)).toBeNull();
});

const annotated = (...nodes: unknown[]) => planAnnotated(resolveMe(parseFilter({ and: nodes }), "ann"));
const team = { key_exists: { key: "team" } };

it("an annotation is taken out of the tree, the rest is asked of it", () => {
  expect(annotated(team)).toEqual({ leaf: team, rest: null });
  expect(annotated({ or: [me, { not: last }] }, { and: [{ not: team }, { value_equals: { key: "owner", value: "x" } }] })).toEqual({
    leaf: { value_equals: { key: "owner", value: "x" } }, rest: { and: [{ or: [{ value_equals: { key: `${P}created_by`, value: "ann" } }, { not: last }] }, { not: team }] },
  });
});

it.each<[string, unknown[]]>([
  ["no annotation", [me, from]], ["one that may be missing", [{ or: [team, me] }]], ["one that is missing", [{ not: team }]], ["a subject", [team, { key_exists: { key: `${P}subject.symbol` } }]],
  ["an error", [team, { value_contains: { key: `${P}error`, value_substring: "a" } }]], ["another time", [team, { or: [me, { time_last: { key: `${P}date.started_at`, span: "7d" } }] }]],
])("%s: annotations are not enough", (_, nodes) => {
  expect(annotated(...nodes)).toBeNull();
  expect(planAnnotated(null)).toBeNull();
});

it("pieces and edges make up the span exactly once, and edges are short", () => {
  const bound = fc.oneof(fc.integer({ min: -5 * DAY_MS, max: 5 * DAY_MS }), fc.integer({ min: -100, max: 100 }).map((hours) => hours * HOUR_MS), fc.constantFrom(-Infinity, Infinity));
  fc.assert(fc.property(bound, bound, fc.constantFrom(ALL_STEPS, ALL_STEPS.slice(1), CREATOR_STEPS), (a, b, steps) => {
    const span = { from: Math.min(a, b), to: Math.max(a, b) };
    const { pieces, inner, edges } = coverSpan(span, steps);
    const parts = [...pieces.map((piece) => piece.span), ...edges].toSorted((x, y) => x.from - y.from);
    if (!(span.from < span.to)) {
      expect(parts).toEqual([]);
      return;
    }
    expect([parts[0]?.from, parts.at(-1)?.to]).toEqual([span.from, span.to]);
    for (const [n, part] of parts.entries()) expect(part.from < part.to && (n === 0 || parts[n - 1]?.to === part.from)).toBe(true);
    const finest = steps.at(-1)?.[1] as number;
    for (const edge of edges) expect(edge.to - edge.from).toBeLessThan(inner ? finest : 2 * finest);
  }), { numRuns: 2_000 });
});
