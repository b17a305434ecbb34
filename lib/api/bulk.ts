/** What the bulk routes take: an act, and the filter of the run list in its own words or as a tree. */
import { z } from "zod";
import { faultsOf } from "#lib/api/problem";
import { BULK_KINDS, DEFAULT_RATE, MAX_RATE } from "#lib/bulk/fields";
import type { CreateBulkInput } from "#lib/bulk/mutations";
import { AppError } from "#lib/errors";
import { parseRunsRequest } from "#lib/runs/filter";

export const Options = z.object({
  kind: z.enum(BULK_KINDS),
  rate: z.number().int().min(1).max(MAX_RATE).default(DEFAULT_RATE),
  atMost: z.number().int().min(0).optional(),
});

/**
 * `{ "kind": "retry", "status": "failed", "stage": ["content"], "rate": 5 }`; `filter` holds a tree, as in POST runs/search.
 * An act without a filter is one on every run, and must say so: `"all": true`.
 *
 * @throws AppError MISMATCH with every fault
 */
export function parseBulkRequest(body: Record<string, unknown>): z.output<typeof CreateBulkInput> {
  const parsed = Options.safeParse(body);
  if (!parsed.success) {
    const faults = faultsOf(parsed.error);
    throw new AppError("MISMATCH", `${faults.map(({ path, message }) => `${path}: ${message}`).join("; ")}.`, { faults });
  }
  for (const name of ["sort", "dir", "cursor", "limit"]) {
    if (name in body) throw new AppError("MISMATCH", `${name} is of no meaning here: it is done to every run that matches. Leave it out.`, { faults: [{ path: name, message: "is of no meaning here" }] });
  }
  const { tree } = parseRunsRequest(body, [...Object.keys(Options.shape), "all"]);
  if (tree === null && body.all !== true) throw new AppError("MISMATCH", 'No filter is given, which means every run. Give one, or say "all": true.', { faults: [{ path: "all", message: "must be true where no filter is given" }] });
  return { ...parsed.data, tree };
}

/** @throws AppError NOT_FOUND: an id that is none names no action. */
export function parseBulkId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new AppError("NOT_FOUND", `There is no bulk action "${text.slice(0, 50)}": it has a number, such as 3.`);
  return Number(text);
}
