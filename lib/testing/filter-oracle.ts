/** Runs to filter, and what a filter means said a second time: naively, in TypeScript, without a line of the compiler. */
import fc from "fast-check";
import type { Db } from "#lib/db/client";

export type OracleRun = {
  id: number; pipeline: string; stage: string; status: string; triggeredBy: string; createdBy: string | null; outcome: string | null; error: string | null;
  items: number; durationMs: number | null; createdAt: number; startedAt: number | null; completedAt: number | null; hasLlmCalls: boolean; isHandled: boolean; annotations: Map<string, string | null>; subjects: [string, string][];
};

const STATUSES = ["pending", "running", "completed", "partial", "hold", "skipped", "failed", "cancelled"];
const SEED: Record<string, string> = { completed: "SUCCEEDED" };
const TRIGGERS = ["web", "cli", "schedule", "api", "ingest"];
const CREATORS = [null, "", "ann", "bob", "me", "An%n", "ünal"];
const NAMES = [["mail", "content"], ["mail", "headers"], ["mail2", "content"], ["train_ing", "fit"], ["training", "fit-100%"]] as const;
const ERRORS = [null, "", "Timeout after 30 s", "100% of_the \\ budget", "TIMEOUT", "it's 'quoted'; drop table runs --"];
const OUTCOMES = [null, "BUY", "hold", "sell"];
const KEYS = ["team", "ex%p_", "Überschrift", "a.b/c"];
const VALUES = [null, "", "red", "RED blue", "50%", "under_score", "back\\slash", "Größe", `${"ä".repeat(50)}x Red`];
const SYMBOLS = ["EURUSD", "eur%", "GBP_JPY", "it's"];
const START = Date.parse("2026-03-01T00:00:00Z");
const HOUR = 3_600_000;
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** Writes 120 runs in which every field has every odd value, in combinations that do not move together. */
export async function seedOracle(db: Db): Promise<OracleRun[]> {
  const runs: OracleRun[] = [];
  const retriedBy = new Map<number, number>();
  for (let n = 0; n < 120; n += 1) {
    const [pipeline, stage] = pick(NAMES, n * 7 + Math.floor(n / 11));
    const createdAt = START + Math.floor(n / 3) * HOUR + (n % 2);
    const durationMs = n % 5 === 0 ? null : (n % 7) * 1_000;
    const run: Omit<OracleRun, "id"> = {
      pipeline, stage, status: pick(STATUSES, n), triggeredBy: pick(TRIGGERS, n + Math.floor(n / 8)), createdBy: pick(CREATORS, n + Math.floor(n / 9)), outcome: pick(OUTCOMES, Math.floor(n / 2)),
      error: pick(ERRORS, n + Math.floor(n / 13)), items: (n * 3) % 10, durationMs, createdAt, startedAt: n % 6 === 0 ? null : createdAt + 500, completedAt: n % 8 < 2 ? null : createdAt + 500 + (durationMs ?? 0),
      hasLlmCalls: n % 4 === 1, isHandled: false, subjects: SYMBOLS.flatMap((symbol, k) => ((n + k * 2) % 7 === 0 ? [["symbol", symbol] as [string, string]] : [])), annotations: new Map(KEYS.flatMap((key, k) => ((n + k) % 3 === 0 ? [[key, pick(VALUES, n + k + Math.floor(n / 8))] as const] : []))),
    };
    const at = (ms: number | null) => (ms === null ? null : new Date(ms));
    const [row] = await db.$queryRaw<{ id: bigint }[]>`
      insert into runs (pipeline, stage, status, triggered_by, created_by, outcome, error_message, items_processed, duration_ms, created_at, started_at, completed_at)
      values (${pipeline}, ${stage}, ${run.status}::run_status, ${run.triggeredBy}::run_trigger, ${run.createdBy}, ${run.outcome}, ${run.error}, ${run.items}::int, ${durationMs}::int, ${at(createdAt)}, ${at(run.startedAt)}, ${at(run.completedAt)})
      returning id`;
    const id = Number(row?.id);
    for (const [key, value] of run.annotations) await db.$executeRaw`insert into run_annotations (run_id, key, value, updated_at) values (${id}, ${key}, ${value}, now())`;
    for (const [key, value] of run.subjects) await db.$executeRaw`insert into run_subjects (run_id, key, value) values (${id}, ${key}, ${value})`;
    const retried = n % 10 === 9 ? runs[n - 4] : undefined;
    if (retried) {
      await db.$executeRaw`update runs set retry_of = ${retried.id} where id = ${id}`;
      // A retry of a retry that went well puts the first right, too.
      for (let one: typeof retried | undefined = ["completed", "hold"].includes(run.status) ? retried : undefined; one; one = runs.find(({ id: other }) => other === retriedBy.get(one?.id ?? 0))) one.isHandled = true;
      retriedBy.set(id, retried.id);
    }
    if (run.hasLlmCalls) await db.$executeRaw`insert into llm_calls (run_id, provider, model, role) values (${id}, 'p', 'm', 'r')`;
    runs.push({ id, ...run });
  }
  return runs;
}

// biome-ignore lint/suspicious/noExplicitAny: the oracle reads the JSON as it came, on purpose without our types
type Tree = any;
const P = "system/pipeline_run.";

/** Whether the run matches, for a user of this name (null: nobody is signed in). */
export function evaluate(node: Tree, run: OracleRun, user: string | null): boolean {
  if (node.and) return node.and.every((child: Tree) => evaluate(child, run, user));
  if (node.or) return node.or.some((child: Tree) => evaluate(child, run, user));
  if (node.not) return !evaluate(node.not, run, user);
  const [[predicate, body]] = Object.entries(node) as [[string, Tree]];
  if (body.key === `${P}text`) {
    const text = body.value_substring.toLowerCase();
    if (/^#\d{1,15}$/.test(text)) return run.id === Number(text.slice(1));
    return [run.stage, run.pipeline, run.error ?? "", run.status, String(run.id)].some((word, at) => (at === 4 ? word === String(Number(text)) && /^\d{1,15}$/.test(text) : word.toLowerCase().includes(text)));
  }
  if (body.key === `${P}id`) return (body.values ?? [body.value]).some((text: string) => /^#?[1-9]\d*$/.test(text) && run.id === Number(text.replace("#", "")));
  if (body.key.startsWith(`${P}subject.`)) {
    const values = run.subjects.flatMap(([key, value]) => (key === body.key.slice(`${P}subject.`.length) ? [value] : []));
    if (predicate === "key_exists") return values.length > 0;
    if (predicate === "value_equals") return values.includes(body.value);
    if (predicate === "value_in") return values.some((value) => body.values.includes(value));
    return values.some((value) => value.toLowerCase().includes(body.value_substring.toLowerCase()));
  }
  const time = { [`${P}date.created_at`]: run.createdAt, [`${P}date.started_at`]: run.startedAt, [`${P}date.completed_at`]: run.completedAt }[body.key as string];
  const number = { [`${P}items`]: run.items, [`${P}duration_ms`]: run.durationMs }[body.key as string];
  if (time !== undefined || number !== undefined) {
    const value = time ?? number ?? null;
    if (value === null) return false;
    if (predicate === "time_last") return value >= Date.now() - Number.parseInt(body.span, 10) * { m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }[body.span.at(-1) as "d"];
    if (predicate === "time_range") return (!body.start_time || value >= Date.parse(body.start_time)) && (!body.end_time || value < Date.parse(body.end_time));
    return predicate === "key_exists" || ((body.min ?? -Infinity) <= value && value <= (body.max ?? Infinity));
  }
  const words: Record<string, string | null> = {
    created_by: run.createdBy, name: `${run.pipeline}/${run.stage}`, status: run.status, stage: run.stage, pipeline: run.pipeline,
    triggered_by: run.triggeredBy, outcome: run.outcome, error: run.error, has_llm_calls: String(run.hasLlmCalls), handled: String(run.isHandled),
  };
  const isSystem = body.key.startsWith(P);
  if (!isSystem && !run.annotations.has(body.key)) return false;
  const value = (isSystem ? words[body.key.slice(P.length)] : run.annotations.get(body.key)) ?? "";
  const same = (asked: string) => {
    if (body.key === `${P}created_by` && asked === "me") return user !== null && value === user;
    if (body.key === `${P}status`) return (asked.toUpperCase() === "SUCCEEDED" ? "completed" : asked.toLowerCase()) === value;
    return asked === value;
  };
  if (predicate === "key_exists") return !isSystem || value !== "";
  if (predicate === "value_equals") return same(body.value);
  if (predicate === "value_in") return body.values.some(same);
  return value.toLowerCase().includes(body.value_substring.toLowerCase());
}

const word = (words: readonly (string | null)[]) => fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...words.filter((w) => w !== null)) }, { weight: 1, arbitrary: fc.string({ maxLength: 4 }).map((s) => s.replaceAll("\0", "").toWellFormed()) });
const solid = (words: readonly (string | null)[]) => word(words).filter((text) => text !== "");
const PIECES = ["time", "%", "_", "\\", "T", "a", "TRAIN", "mail/c", "fit-100%", "ü", "GRÖSSE", "größe", "'", "e a", "/", "100% of_"];
const piece = (words: readonly (string | null)[]) => solid([...words, ...PIECES]);
const texts = (key: string, words: readonly (string | null)[], contains = true) =>
  fc.oneof(
    fc.constant({ key_exists: { key } }),
    word(words).map((value) => ({ value_equals: { key, value } })),
    fc.array(solid(words), { minLength: 1, maxLength: 3 }).map((values) => ({ value_in: { key, values } })),
    ...(contains ? [piece(words).map((value_substring) => ({ value_contains: { key, value_substring } }))] : []),
  );
const choices = (key: string, words: readonly string[]) =>
  fc.oneof(fc.constantFrom(...words).map((value) => ({ value_equals: { key, value } })), fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }).map((values) => ({ value_in: { key, values } })));
const instant = fc.tuple(fc.integer({ min: -2, max: 42 }), fc.constantFrom(0, 1, 500, 501), fc.constantFrom(0, 2, -5)).map(([hour, ms, zone]) => {
  const local = new Date(START + hour * HOUR + ms + zone * HOUR).toISOString().slice(0, -1);
  return zone === 0 ? `${local}Z` : `${local}${zone > 0 ? "+" : "-"}0${Math.abs(zone)}:00`;
});
const times = (key: string, exists: boolean) =>
  fc.oneof(
    instant.map((start_time) => ({ time_range: { key, start_time } })),
    instant.map((end_time) => ({ time_range: { key, end_time } })),
    fc.tuple(instant, instant).map((pair) => {
      const [start_time, end_time] = pair.toSorted((a, b) => Date.parse(a) - Date.parse(b));
      return { time_range: { key, start_time, end_time } };
    }),
    fc.constantFrom("5m", "24h", "7d", "999w", `${Math.floor((Date.now() - START) / HOUR) - 20}h`).map((span) => ({ time_last: { key, span } })),
    ...(exists ? [fc.constant({ key_exists: { key } })] : []),
  );
const numbers = (key: string, max: number) => {
  const bound = fc.oneof(fc.integer({ min: -1, max }), fc.double({ min: -1, max, noNaN: true }), fc.constantFrom(-9e15, 9e15));
  return fc.oneof(
    fc.constant({ key_exists: { key } }),
    bound.map((min) => ({ number_range: { key, min } })),
    bound.map((most) => ({ number_range: { key, max: most } })),
    fc.tuple(bound, bound).map(([a, b]) => ({ number_range: { key, min: Math.min(a, b), max: Math.max(a, b) } })),
  );
};
const spelled = STATUSES.flatMap((status) => [status, SEED[status] ?? status.toUpperCase()]);
const leaf: fc.Arbitrary<Tree> = fc.oneof(
  texts(`${P}created_by`, CREATORS, false), texts(`${P}name`, [...NAMES.map((pair) => pair.join("/")), "mail"]), texts(`${P}stage`, NAMES.map(([, stage]) => stage)), texts(`${P}pipeline`, NAMES.map(([pipeline]) => pipeline)),
  texts(`${P}outcome`, OUTCOMES), texts(`${P}error`, ERRORS), choices(`${P}status`, spelled), choices(`${P}triggered_by`, TRIGGERS), choices(`${P}has_llm_calls`, ["true", "false"]), choices(`${P}handled`, ["true", "false"]),
  fc.array(fc.oneof(fc.nat(130).map(String), fc.constantFrom("#7", "x", "1e1", "99999999999999")), { minLength: 1, maxLength: 4 }).map((values) => ({ value_in: { key: `${P}id`, values } })),
  texts(`${P}subject.symbol`, SYMBOLS), texts(`${P}subject.account`, ["7"]), fc.oneof(piece([...ERRORS, ...STATUSES, "mail", "#7", "12", "#3x"]), fc.nat(130).map(String)).filter((text) => text.trim() !== "").map((text) => ({ value_contains: { key: `${P}text`, value_substring: text.trim() } })),
  times(`${P}date.created_at`, false), times(`${P}date.started_at`, true), times(`${P}date.completed_at`, true), numbers(`${P}items`, 11), numbers(`${P}duration_ms`, 7_000),
  ...[...KEYS, "never set"].map((key) => texts(key, VALUES)),
);
const branch = (children: fc.Arbitrary<Tree>) => fc.tuple(fc.constantFrom("and", "or"), fc.array(children, { minLength: 1, maxLength: 4 })).map(([name, nodes]) => ({ [name]: nodes }));
const node: fc.Memo<Tree> = fc.memo((depth) => (depth <= 1 ? fc.oneof(leaf, leaf.map((not) => ({ not }))) : fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 1, arbitrary: leaf.map((not) => ({ not })) }, { weight: 1, arbitrary: branch(node(depth - 1)) })));

/** Valid trees of at most three levels and 50 leaves. */
export const filterTrees: fc.Arbitrary<Tree> = branch(node(2));
