/** What a saved view may be. Isomorphic. */
import { z } from "zod";
import { printRunsView, readRunsView } from "#lib/runs/fields";
import { readRunsFilter, toSearchParams } from "#lib/runs/filter";

export const MAX_VIEWS = 100;
const MAX_QUERY_LENGTH = 8_000;

export const ViewName = z
  .string()
  .trim()
  .min(1, { error: "must not be empty" })
  .max(80, { error: "is longer than 80 characters" })
  .refine((text) => !/[\p{Cc}]/u.test(text) && text.isWellFormed(), { error: "must not hold control characters" });

/** The query string of a list without its place in it; what the list does not understand is refused, so that a view never half works. */
export const ViewQuery = z
  .string()
  .max(MAX_QUERY_LENGTH, { error: `is longer than ${MAX_QUERY_LENGTH} characters` })
  .transform((text, ctx) => {
    const params = new URLSearchParams(text);
    const { filter, faults } = readRunsFilter(params);
    for (const { path, message } of faults) ctx.addIssue({ code: "custom", message: `cannot be read: ${path} ${message}` });
    const view = readRunsView(params);
    return [toSearchParams({ ...filter, cursor: null }).toString(), view ? printRunsView(view).toString() : ""].filter(Boolean).join("&");
  });
