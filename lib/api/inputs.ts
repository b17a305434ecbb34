/** What routes take besides a filter, parsed. */
import { z } from "zod";
import { MAX_ACTIVITY } from "#lib/activity/fields";
import { AppError } from "#lib/errors";

const RunId = z.string().regex(/^#?[1-9]\d{0,14}$/).transform((text) => Number(text.replace("#", "")));
const Count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** @throws AppError NOT_FOUND: an id that is none names no run. */
export function parseRunId(text: string): number {
  const parsed = RunId.safeParse(text);
  if (!parsed.success) throw new AppError("NOT_FOUND", `No run "${text.slice(0, 50)}": a run has a number, such as 1042.`);
  return parsed.data;
}

/** @throws AppError NOT_FOUND: an id that is none names no group. */
export function parseErrorGroupId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new AppError("NOT_FOUND", `No error group "${text.slice(0, 50)}": a group has a number, such as 12.`);
  return Number(text);
}

/** @throws AppError NOT_FOUND: an id that is none names no schedule. */
export function parseScheduleId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new AppError("NOT_FOUND", `No schedule "${text.slice(0, 50)}": a schedule has a number, such as 12.`);
  return Number(text);
}

/** @throws AppError NOT_FOUND: an id that is none names no worker. */
export function parseWorkerId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new AppError("NOT_FOUND", `No worker "${text.slice(0, 50)}": a worker has a number, such as 7.`);
  return Number(text);
}

/** @throws AppError NOT_FOUND */
export function parseStepSeq(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new AppError("NOT_FOUND", `No step "${text.slice(0, 50)}": a step has a number, such as 3.`);
  return Number(text);
}

/** `cursor` (or `after`) and `limit` of a list inside a run. */
export const WithinShape = z.object({ cursor: Count.optional(), after: Count.optional(), limit: z.coerce.number().int().min(1).max(1_000).optional() });
export const WithinRequest = WithinShape.transform(({ cursor, after, limit }) => ({ after: cursor ?? after, limit }));

/** `cursor` goes on to what is older; `after`, the `newest` of an earlier answer, asks for what has come since. */
export const ActivityRequest = z
  .object({ cursor: Count.optional(), after: Count.optional(), limit: z.coerce.number().int().min(1).max(MAX_ACTIVITY).default(50) })
  .refine(({ cursor, after }) => cursor === undefined || after === undefined, { path: ["after"], error: "cannot be combined with cursor" });

/** Slots of a schedule older than `before`, an instant with its zone. */
export const SlotsRequest = z.object({ before: z.iso.datetime({ offset: true }).transform((text) => new Date(text)).nullable().default(null) });

export const StepsRequest = z.object({ status: z.enum(["ok", "skip", "error"]).optional() });

/** At most so many characters of a step's input and output, each. */
export const IoRequest = z.object({ max: z.coerce.number().int().min(1).max(100_000_000).optional() });
export const IoSide = z.enum(["input", "output"]);
export const TraceRequest = z.object({ since: z.iso.datetime({ offset: true }).transform((text) => new Date(text)).optional() });

/** One value per key; empty is the same as absent. */
export const searchRecord = (url: URL): Record<string, string> => Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ""));

/** @throws AppError INVALID */
export function parseIdempotencyKey(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key") ?? undefined;
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError("INVALID", "The Idempotency-Key must be 1 to 255 printable characters without spaces.", { faults: [{ path: "Idempotency-Key", message: "is not valid" }] });
  }
  return key;
}
