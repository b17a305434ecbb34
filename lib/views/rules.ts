/** What a saved view may be. Isomorphic. */
import { z } from "zod";
import type { Fault } from "#lib/errors";
import { printCallsView, readCallsView } from "#lib/llm-calls/fields";
import { toSearchParams as callsParams } from "#lib/llm-calls/address";
import { readCallsFilter } from "#lib/llm-calls/filter";
import { printRunsView, readRunsView } from "#lib/runs/fields";
import { toSearchParams } from "#lib/runs/address";
import { readRunsFilter } from "#lib/runs/filter";

export const MAX_VIEWS = 100;
const MAX_QUERY_LENGTH = 8_000;

export const ViewName = z
  .string()
  .trim()
  .min(1, { error: "must not be empty" })
  .max(80, { error: "is longer than 80 characters" })
  .refine((text) => !/[\p{Cc}]/u.test(text) && text.isWellFormed(), { error: "must not hold control characters" });

/** The lists that have views. */
export const VIEW_LISTS = ["runs", "ai-audit"] as const;
export type ViewList = (typeof VIEW_LISTS)[number];

/** A list's address, read: what could not be, and the query string without its place in it. */
const READ: Record<ViewList, (params: URLSearchParams) => { faults: Fault[]; query: string }> = {
  runs: (params) => {
    const { filter, faults } = readRunsFilter(params);
    const view = readRunsView(params);
    return { faults, query: joined(toSearchParams({ ...filter, cursor: null }), view && printRunsView(view)) };
  },
  "ai-audit": (params) => {
    const { filter, faults } = readCallsFilter(params);
    const view = readCallsView(params);
    return { faults, query: joined(callsParams({ ...filter, cursor: null }), view && printCallsView(view)) };
  },
};
const joined = (...parts: (URLSearchParams | null)[]): string => parts.map((part) => part?.toString() ?? "").filter(Boolean).join("&");

/** The query string of a list; what the list does not understand is refused, so that a view never half works. */
export const ViewOf = z
  .object({ list: z.enum(VIEW_LISTS).default("runs"), query: z.string().max(MAX_QUERY_LENGTH, { error: `is longer than ${MAX_QUERY_LENGTH} characters` }) })
  .transform(({ list, query }, ctx) => {
    const read = READ[list](new URLSearchParams(query));
    for (const { path, message } of read.faults) ctx.addIssue({ code: "custom", path: ["query"], message: `cannot be read: ${path} ${message}` });
    return { list, query: read.query };
  });
