/** What lists take, read off the declarations of their fields: a field that is added there stands in the document too. */
import { z } from "zod";
import { CALL_FIELDS, FILTER_FIELDS, type FilterField } from "#lib/filters/fields";
import { CALL_SORTS } from "#lib/llm-calls/fields";
import { MAX_CALLS } from "#lib/llm-calls/address";
import { MAX_LIMIT } from "#lib/runs/address";
import { RUN_SORTS } from "#lib/runs/fields";
import { CURSOR_MAX_LENGTH } from "#lib/table/cursor";

/** How a value of each kind is written in an address. */
const FORMS: Record<FilterField["kind"], string> = {
  choice: "One of the values; repeated, any of them. `not.` before the name: none of them.",
  text: "The exact text; repeated, any of them. `~part` looks for a part, `not.` before the name leaves out, `*` asks for any value.",
  words: "Part of the text.",
  search: "Looks for a part in what the row is named and in its error.",
  number: "A range: `10..`, `..99`, `10..99`.",
  duration: "A range of durations: `30s..`, `..5m`.",
  time: "A time back from now (`24h`, `7d`), or a range of instants: `2026-03-01T00:00Z..2026-03-02T00:00Z`.",
};

const filterShape = (fields: Record<string, FilterField>) =>
  Object.fromEntries(Object.values(fields).map(({ param, label, kind, choices }) => [param, z.array(z.string()).optional().meta({ description: `${label}. ${FORMS[kind]}${choices ? ` Values: ${choices.join(", ")}.` : ""}` })]));
const Tree = z.string().optional().meta({ description: 'A whole filter as JSON, such as {"and":[{"value_equals":{"key":"system/pipeline_run.stage","value":"content"}}]}.' });

const sorts = (names: readonly string[]) => z.string().optional().meta({ description: `One of ${names.join(", ")}, with - before it for falling.` });
const limit = (most: number) => z.int().min(1).max(most).optional();
const cursor = z.string().max(CURSOR_MAX_LENGTH).optional().meta({ description: "`page.nextCursor` or `page.prevCursor` of an answer to the same question." });

export const RunFilterQuery = z.object({ ...filterShape(FILTER_FIELDS), filter: Tree }).meta({ description: "Besides these, `subject.<name>` and `annotation.<key>` are taken as texts." });
export const RunListQuery = RunFilterQuery.extend({ sort: sorts(RUN_SORTS), dir: z.enum(["asc", "desc"]).optional(), cursor, limit: limit(MAX_LIMIT) });
export const CallFilterQuery = z.object({ ...filterShape(CALL_FIELDS), filter: Tree });
export const CallListQuery = CallFilterQuery.extend({ sort: sorts(CALL_SORTS), cursor, limit: limit(MAX_CALLS) });

/** The filter of a list in a body: the names of the address, lists for repeated ones, `filter` a tree. */
export const RunListBody = z.looseObject({ filter: z.looseObject({}).optional().meta({ description: "A tree of and, or, not and predicates." }), sort: z.string().optional(), dir: z.enum(["asc", "desc"]).optional(), cursor: z.string().nullable().optional(), limit: z.int().min(1).max(MAX_LIMIT).optional() });
export const FILES = { format: z.enum(["csv", "ndjson", "parquet"]), bom: z.stringbool().optional().meta({ description: "true: CSV begins with a mark by which Excel sees that it is UTF-8." }) };
