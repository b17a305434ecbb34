/** Requests that nobody well-meaning sends, made from the declarations of the API, and what must be true of every answer to them. */
import fc from "fast-check";
import { z } from "zod";
import type { Operation } from "#lib/api/operations/operation";

export type HostileRequest = { operation: Operation; method: string; path: string; headers: Record<string, string>; body?: string; params: Record<string, string> };
/** Numbers of things that there are, so that requests come past the first check. */
export type Known = { runs: number[]; others: string[] };

/** In an address: as they are after percent-encoding, since some cannot be had by encoding a text. */
const RAW = [
  "%00", "a%00b", "%ED%A0%80", "%C0%80", "%FF", "%", "%u0041", "%E2%80%AE", "..%2f..%2fetc%2fpasswd", "%0d%0aSet-Cookie:a=b", "0", "-1", "1.5", "1e309", "-0", "99999999999999999999", "9007199254740993", "2147483648", "NaN", "Infinity", "0x10", "1_000",
  "%D9%A1%D9%A2", "null", "undefined", "true", "%5B%5D", "%7B%7D", "%7B%22%24ne%22%3Anull%7D", "%7B%22and%22%3A%5B%5D%7D", "%7B%22not%22%3A%7B%7D%7D", "'%20or%201%3D1%20--", "%25", "~", "~%25_%5C", "*", "=", "!", "..", "10..1", "..;/", "-5m..5m", "1e400..", "7d", "999999999d",
  "0000-00-00", "2026-02-30", "2026-13-01T00:00:00Z", "275760-09-13T00:00:00.001Z", "-271821-04-20T00:00:00Z", "0001-01-01T00:00:00Z..", "2026-03-01T00:00:00Z..2026-02-01T00:00:00Z", "2026-03-01T00:00:00+99:99", "constructor", "__proto__", "toString", "hasOwnProperty",
  "eyJ2IjoxfQ", "WzEsbnVsbF0", "AAAA", "%F0%9F%92%A9", "%EF%BB%BF", "%CC%81", "a".repeat(300), "9".repeat(400), "%C3%9F".repeat(1_000), "(a%2B)%2B%24", "%3Cscript%3Ealert(1)%3C/script%3E", "%3Dcmd%7C'%20/C%20calc'!A0",
] as const;

/** In a body, where any value may stand. */
const VALUES = [
  null, true, false, 0, -0, -1, 1.5, 1e308, -1e308, 9_007_199_254_740_992, 2_147_483_648, "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "x".repeat(5_000), "💩", "\u202e", "{\"$ne\":null}", "__proto__", "constructor", "1e309", "' or 1=1 --", "../../etc/passwd", "2026-02-30", "0001-01-01T00:00:00Z",
  [], {}, [[]], [null], [1, "a", {}], { $ne: null }, { contains: "" }, { not: null }, { equals: { in: [] } }, { toString: 1 }, { length: -1 }, { and: [] }, { and: [{}] }, { or: [{ not: { not: {} } }] }, { value_equals: { key: "system/pipeline_run.status", value: "\0" } },
  { and: [{ value_in: { key: "system/pipeline_run.status", values: [] } }] }, { and: [{ number_range: { key: "system/pipeline_run.items", min: 1e308 } }] }, { and: [{ time_range: { key: "system/pipeline_run.date.created_at", start_time: "9999-99-99" } }] }, { and: [{ key_exists: { key: "a\0" } }] },
] as const;

/** Bodies that are no JSON of ours at all. */
const TEXTS = ["", "{", "[", "nul", "{\"a\":1,}", "\ufeff{}", "[".repeat(20_000), `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`, '{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"isAdmin":true}}}', '{"a":1,"a":2}', '{"a":1e999}', '"text"', "1", "null", "[]", '[{}]', "{\"\\ud800\":1}", "a=1&b=2", "<?xml version=\"1.0\"?><a/>", "\0", `{"a":"${"x".repeat(200_000)}"}`];
const TYPES = ["application/json", "application/json; charset=utf-8", "application/problem+json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/json\u00e4", "APPLICATION/JSON"];

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);
const anyValue: fc.Arbitrary<unknown> = fc.oneof({ weight: 4, arbitrary: pick(VALUES) }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) }, { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) });
const rawText = fc.oneof({ weight: 5, arbitrary: pick(RAW) }, { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }).map(encode) }, { weight: 1, arbitrary: fc.integer().map(String) });

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** A well-formed pattern of an address must stay one: half an escape would end the path's parsing before ours begins. */
const inPath = rawText.filter((text) => !/%(?![0-9A-Fa-f]{2})/.test(text) && !/^\.{1,2}$/.test(text) && text !== "" && !text.includes("/") && text.length < 700);

function namesOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return [];
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  return schema instanceof z.ZodPipe ? namesOf(schema.in as z.ZodType) : [];
}

/** `count` requests to an operation; the same for the same seed. */
export function hostileRequests(operation: Operation, known: Known, count: number, seed: number): HostileRequest[] {
  const names = namesOf(operation.query);
  const param = (name: string) => fc.oneof({ weight: 3, arbitrary: name === "id" || name === "with" ? pick([...known.runs.map(String), "1", "2"]) : pick([...known.others, "1"]) }, { weight: 2, arbitrary: inPath });
  const params = fc.record(Object.fromEntries(Object.keys(operation.params?.shape ?? {}).map((name) => [name, param(name)])));
  const query = fc.array(fc.tuple(names.length > 0 ? fc.oneof({ weight: 6, arbitrary: pick(names) }, { weight: 1, arbitrary: pick(["unknown", "__proto__", "not.status", "subject.symbol", "annotation.team", "%00", ""]) }) : pick(["unknown", "limit"]), rawText), { maxLength: 3 });
  const headers = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Record<string, string>>({}) },
    { weight: 1, arbitrary: pick<Record<string, string>>([{ "idempotency-key": "x".repeat(300) }, { "idempotency-key": "a b" }, { "if-none-match": "*" }, { "last-event-id": "-1" }, { "last-event-id": "9".repeat(18) }, { accept: "text/plain" }, { accept: "a".repeat(2_000) }, { "x-forwarded-for": "' or 1=1" }]) },
  );
  const requests = fc.tuple(params, query, headers, bodies(operation)).map(([given, pairs, more, body]): HostileRequest => {
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => given[name] ?? "");
    const search = pairs.map(([name, value]) => `${name}=${value}`).join("&");
    return { operation, method: operation.method.toUpperCase(), path: search ? `${path}?${search}` : path, headers: { ...more, ...body?.headers }, ...(body && { body: body.text }), params: given };
  });
  return fc.sample(requests, { numRuns: count, seed });
}

function bodies(operation: Operation): fc.Arbitrary<{ text: string; headers: Record<string, string> } | null> {
  if (operation.method === "get") return fc.constant(null);
  const json = { "content-type": "application/json" };
  const { body } = operation;
  const broken = fc.tuple(pick(TEXTS), pick(TYPES)).map(([text, type]) => ({ text, headers: { "content-type": type } as Record<string, string> }));
  if (!body || "media" in body) return fc.oneof(fc.constant(null), broken);
  const example = body.example as Record<string, unknown>;
  const names = [...new Set([...Object.keys(example), ...namesOf(body.schema)])];
  const changed = fc.array(fc.tuple(fc.oneof({ weight: 6, arbitrary: pick(names) }, { weight: 1, arbitrary: pick(["unknown", "role", "createdBy", "status", "id", "runId", "toString"]) }), anyValue), { minLength: 1, maxLength: 3 }).map((pairs) => ({ text: JSON.stringify({ ...example, ...Object.fromEntries(pairs) }), headers: json }));
  return fc.oneof({ weight: 6, arbitrary: changed }, { weight: 1, arbitrary: anyValue.map((value) => ({ text: JSON.stringify(value) ?? "null", headers: json })) }, { weight: 2, arbitrary: broken }, { weight: 1, arbitrary: fc.constant(null) });
}

export type Answered = { status: number; type: string; text: string };

/** What is wrong with the answer to a hostile request, or null. */
export function faultOfAnswer({ operation, body }: HostileRequest, { status, type, text }: Answered): string | null {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 300)}`;
  if (/\n\s+at |node_modules|\.tsx?:\d+|PrismaClient|\bselect\b.+\bfrom\b/i.test(status >= 400 ? text : "")) return `tells of its inside: ${text.slice(0, 300)}`;
  if (status >= 400) return faultOfProblem(operation, body, status, type, text);
  if (status >= 300 || typeof operation.answer === "string" || !type.startsWith("application/json")) return null;
  const parsed = operation.answer.safeParse(JSON.parse(text));
  return parsed.success ? null : `does not answer as declared: ${JSON.stringify(parsed.error.issues.slice(0, 3))} ${text.slice(0, 200)}`;
}

function faultOfProblem(operation: Operation, body: string | undefined, status: number, type: string, text: string): string | null {
  if (!type.startsWith("application/problem+json")) return `${status} is no problem document but ${type}: ${text.slice(0, 100)}`;
  const problem = JSON.parse(text) as { type?: string; title?: string; status?: number; detail?: string; errors?: { path: string; message: string }[] };
  if (problem.status !== status || problem.type !== "about:blank" || !problem.title) return `${status} lacks members of a problem: ${text.slice(0, 200)}`;
  if (!problem.detail || problem.detail.length < 8) return `${status} says nothing: ${text.slice(0, 200)}`;
  // A body that is no JSON, or none of ours at all, is at fault as a whole.
  const isWhole = (body !== undefined && /^The (body|JSON)/.test(problem.detail)) || (operation.body !== undefined && "media" in operation.body);
  if ((status === 400 || status === 422) && !isWhole && !(problem.errors && problem.errors.length > 0)) return `${status} does not say where: ${problem.detail.slice(0, 200)} (${operation.path})`;
  return null;
}
