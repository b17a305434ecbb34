/** What a list of the audit log shows: the same for the page's address, the CLI's flags and the API. Isomorphic. */
import * as z from "zod/mini";
import { AppError, type Fault } from "#lib/errors";
import { type Cursor, CURSOR_MAX_LENGTH, hashList } from "#lib/table/cursor";
import { parseCursor } from "#lib/table/read-cursor";
import { instantOf } from "./rules.ts";

export const DEFAULT_LIMIT = 50;
export const MAX_AUDIT = 500;

/** Words are kept as they were written; null: not narrowed by it. */
export type AuditFilter = {
  /** A name, or the id of a person or a key. */
  person: string | null;
  /** `run.cancel`, or `run` for all that is done to runs. */
  action: string | null;
  /** The beginning of it: `run/12`, or `schedule/` for every schedule. */
  object: string | null;
  from: string | null;
  to: string | null;
  /** Part of anything that an entry says. */
  q: string | null;
  cursor: string | null;
  limit: number;
};
export const EVERY_ENTRY: AuditFilter = { person: null, action: null, object: null, from: null, to: null, q: null, cursor: null, limit: DEFAULT_LIMIT };

const text = (max: number) => z.string().check(z.maxLength(max), z.refine((value) => !value.includes("\0")));
const moment = (edge: "from" | "to") => z.string().check(z.maxLength(40), z.refine((value) => instantOf(value, edge, new Date()) !== null));
const WORDS = { person: text(200), action: z.string().check(z.regex(/^[a-z][a-z_.-]{0,59}$/)), object: text(300), from: moment("from"), to: moment("to"), q: text(200), cursor: z.string().check(z.maxLength(CURSOR_MAX_LENGTH)) };
const Limit = z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_AUDIT));
const RULES: Record<keyof AuditFilter, string> = {
  person: "is a name, 200 characters at most",
  action: "is an action such as run.cancel, or a noun such as run",
  object: "is the beginning of an object such as run/12",
  from: "is a day such as 2026-03-01, an instant with its zone, or so long ago as in 7d",
  to: "is a day such as 2026-03-31, an instant with its zone, or so long ago as in 1d",
  q: "is text, 200 characters at most",
  cursor: "is no cursor of ours",
  limit: `is a whole number, 1 to ${MAX_AUDIT}`,
};

/** The list that an address asks for, and what could not be read of it. Total; `toSearchParams` is its inverse. */
export function readAuditFilter(params: URLSearchParams): { filter: AuditFilter; faults: Fault[] } {
  const faults: Fault[] = [];
  const filter: AuditFilter = { ...EVERY_ENTRY };
  for (const name of Object.keys(WORDS) as (keyof typeof WORDS)[]) {
    const value = params.get(name)?.trim();
    if (!value) continue;
    if (WORDS[name].safeParse(value).success) filter[name] = value;
    else faults.push({ path: name, message: RULES[name] });
  }
  const limit = params.get("limit");
  if (limit) {
    const parsed = Limit.safeParse(limit);
    if (parsed.success) filter.limit = parsed.data;
    else faults.push({ path: "limit", message: RULES.limit });
  }
  return { filter: filter.cursor !== null && findCursor(filter) === null ? { ...filter, cursor: null } : filter, faults };
}

/**
 * The same for programs, which shall hear of every mistake.
 *
 * @param also parameters that are somebody else's
 * @throws AppError MISMATCH that names each fault
 */
export function parseAuditRequest(params: URLSearchParams, also: readonly string[] = []): AuditFilter {
  const { filter, faults } = readAuditFilter(params);
  for (const name of new Set(params.keys())) {
    if (!Object.hasOwn(RULES, name) && !also.includes(name)) faults.push({ path: name, message: "is no parameter of this list" });
  }
  if (faults.length > 0) throw new AppError("MISMATCH", `${faults.map(({ path, message }) => `${path} ${message}`).join("; ").slice(0, 2_000)}.`, { faults });
  return { ...filter, cursor: params.get("cursor") || null };
}

export function toSearchParams(filter: AuditFilter): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of Object.keys(WORDS) as (keyof typeof WORDS)[]) {
    const value = filter[name];
    if (value !== null) params.set(name, value);
  }
  if (filter.limit !== DEFAULT_LIMIT) params.set("limit", String(filter.limit));
  return params;
}

export const isNarrowed = (filter: AuditFilter): boolean => toSearchParams({ ...filter, cursor: null, limit: DEFAULT_LIMIT }).size > 0;

/** The fingerprint that a cursor of this list carries. */
export const auditListHash = (filter: AuditFilter): string => hashList(`audit?${toSearchParams({ ...filter, cursor: null, limit: DEFAULT_LIMIT })}`);

/** Where the page begins, or null when there is no cursor or it does not fit this filter. */
export function findCursor(filter: AuditFilter): Cursor | null {
  const cursor = filter.cursor === null ? null : parseCursor(filter.cursor, auditListHash(filter));
  return cursor && z.iso.datetime({ precision: 3 }).safeParse(cursor.value).success ? cursor : null;
}
