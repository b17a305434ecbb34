/** Of what the shapes of answers are made: they are the read types as JSON has them, and the compiler holds them to those. */
import { z } from "zod";

/** A type as JSON has it: moments are texts, in UTC; whole numbers past 2^53 are none of ours. */
export type Printed<T> = T extends Date ? string : T extends bigint ? number : T extends (infer U)[] ? Printed<U>[] : T extends object ? { [K in keyof T]: Printed<T[K]> } : T;

export const When = z.iso.datetime({ offset: true });
export const Id = z.int().min(1);
export const Count = z.int().min(0);
export const Text = z.string();
/** Whatever JSON can hold. */
export const AnyJson = z.json().meta({ id: "Json", description: "Any JSON value." });

/** A value that fits a schema, written beside it; for a list or an answer made of such, put together from theirs. */
export function exampleOf(schema: z.ZodType): unknown {
  const said = z.globalRegistry.get(schema)?.examples;
  if (Array.isArray(said) && said.length > 0) return said[0];
  if (schema instanceof z.ZodArray) return [exampleOf(schema.element as z.ZodType)];
  if (schema instanceof z.ZodObject) return Object.fromEntries(Object.entries(schema.shape).map(([name, member]) => [name, exampleOf(member as z.ZodType)]));
  throw new Error("A schema of an answer has no example.");
}

const Cursor = z.string().nullable().meta({ description: "Goes into `cursor`; null where there is nothing more.", examples: [null] });
const Total = z
  .object({ value: Count, kind: z.enum(["exact", "estimate", "atLeast"]), asOf: When })
  .meta({ id: "Total", description: "How many match, and how well that is known.", examples: [{ value: 214, kind: "exact", asOf: "2026-03-02T09:30:00.000Z" }] });
export const Page = z.looseObject({ nextCursor: Cursor, prevCursor: Cursor }).meta({ id: "Page", examples: [{ nextCursor: null, prevCursor: null }] });
export const CountedPage = z
  .looseObject({ nextCursor: Cursor, prevCursor: Cursor, total: Total.nullable() })
  .meta({ id: "CountedPage", description: "`total` is null when it was not known soon enough: ask the count apart.", examples: [{ nextCursor: null, prevCursor: null, total: { value: 1, kind: "exact", asOf: "2026-03-02T09:30:00.000Z" } }] });
export const CountShape = z.object({ value: Count, kind: z.enum(["exact", "estimate", "atLeast"]), asOf: When.optional() }).meta({ id: "Count", examples: [{ value: 214, kind: "exact", asOf: "2026-03-02T09:30:00.000Z" }] });

/** `{ data }` */
export const one = <T extends z.ZodType>(data: T) => z.object({ data });
/** `{ data: [] }` */
export const all = <T extends z.ZodType>(row: T) => z.object({ data: z.array(row) });
/** `{ data: [], page }` */
export const list = <T extends z.ZodType>(row: T) => z.object({ data: z.array(row), page: Page });

export const Problem = z
  .looseObject({
    type: z.literal("about:blank"),
    title: Text,
    status: z.int().min(400).max(599),
    detail: Text.meta({ description: "A sentence for a person: what happened, and what to do." }),
    code: Text.optional().meta({ description: "The same for programs; absent for a fault of Penstock's own." }),
    errors: z.array(z.object({ path: Text, message: Text })).optional().meta({ description: "One entry for each fault of the request: where it is, and what it is." }),
  })
  .meta({
    id: "Problem",
    description: "RFC 9457. Facts for programs, such as the number of the run that is in the way, stand beside these members.",
    examples: [{ type: "about:blank", title: "Does not match", status: 422, detail: "limit is a whole number, 1 to 1000.", code: "MISMATCH", errors: [{ path: "limit", message: "is a whole number, 1 to 1000" }] }],
  });

export const Facets = z
  .object({ values: z.array(z.object({ value: Text, count: Count })), ofNewest: Count.nullable(), asOf: When })
  .meta({ id: "Facets", description: "`ofNewest`: null when everything that matches was counted, else how many of the newest were.", examples: [{ values: [{ value: "failed", count: 12 }], ofNewest: null, asOf: "2026-03-02T09:30:00.000Z" }] });
