/** A pipeline for tests of the engine: each stage shows one behaviour. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { BRIEF, definePipeline, defineStage, unit, wave } from "#lib/engine/define";

const ITEM = { itemsName: "items", rowsName: "rows", rows: async () => 0, waiting: async () => 0 };

const count = z.object({
  units: z.int().min(0).max(1000).default(3),
  items: z.int().min(0).max(1000).default(10),
  failing: z.array(z.string()).default([]),
  sleepMs: z.int().min(0).default(0),
});

/** Writes one row per item and counts those that were new; units named in `failing` throw; items sleep so that a test can act meanwhile. */
const counting = (name: string, needs: string[]) =>
  defineStage(name, {
    ...ITEM,
    title: name,
    description: "Counts",
    needs,
    params: count,
    plan: async function* (_, { units, items }) {
      yield wave(Array.from({ length: units }, (_, index) => unit(`unit-${index + 1}`, { name: `unit-${index + 1}` }, items)));
    },
    unit: async (ctx, { name }: { name: string }) => {
      const { items, failing, sleepMs } = ctx.params;
      if (failing.includes(name)) throw new RangeError(`${name} was told to fail`);
      for (let item = 0; item < items; item += 1) {
        if (sleepMs > 0) await sleep(sleepMs, undefined, { signal: ctx.signal });
        await ctx.write(async (db, counted) => {
          counted.done(await db.$executeRaw`insert into run_annotations (run_id, key) values (${ctx.runId}::bigint, ${`${name}/${item}`}) on conflict do nothing`);
        });
      }
      ctx.log(`${name} counted ${items}`);
    },
  });

const waves = defineStage("waves", {
  ...ITEM,
  title: "waves",
  description: "Three waves of two units that note their order",
  params: z.object({}),
  plan: async function* () {
    for (const number of [1, 2, 3]) yield wave([unit(`${number}a`, { number }), unit(`${number}b`, { number })]);
  },
  unit: async (ctx, { number }: { number: number }) => {
    await ctx.step("note", { number }, async () => ({ number }));
    ctx.items.done();
  },
  settle: async (ctx) => ctx.outcome("HOLD", { hold: true }),
});

const steps = defineStage("steps", {
  ...ITEM,
  title: "steps",
  description: "Nested steps, a skipped and a failing one",
  params: z.object({}),
  plan: async function* () {
    yield wave([unit("only", {})]);
  },
  unit: async (ctx) => {
    await ctx.step("outer", { a: 1 }, async () => {
      await ctx.step("inner", null, async () => ({ b: "\0 and \ud800" }));
      return { done: true };
    });
    await ctx.skip("left_out", "not needed");
    await ctx.step("broken", null, async () => { throw new Error("broken on purpose"); }).catch((error) => ctx.items.failed({ item: "third", error }));
    ctx.items.done(2);
  },
});

const brief = defineStage("brief", {
  ...ITEM,
  title: "brief",
  description: "Steps that are written once, when they are over; its first attempt fails behind them",
  params: z.object({}),
  retry: { attempts: 2, backoff: { initialMs: 1, jitter: 0 } },
  plan: async function* () {
    yield wave([unit("only", {})]);
  },
  unit: async (ctx) => {
    const { attempt } = await ctx.step("outer", null, () => ctx.step("look", { a: 1 }, async () => ({ attempt: ctx.attempt }), BRIEF));
    if (ctx.attempt === 1) throw new RangeError("once more");
    await ctx.step("odd", null, async () => { throw new RangeError("odd on purpose"); }, BRIEF).catch((error) => ctx.items.failed({ item: "one", error }));
    await ctx.write(async (_, items) => items.done(2), { name: "reckoned", input: { attempt }, output: { b: "\0" }, durationMs: 12 });
  },
});

const deaf = defineStage("deaf", {
  ...ITEM,
  title: "deaf",
  description: "Does not look at its signal",
  params: z.object({ sleepMs: z.int().default(60_000) }),
  plan: async function* () {
    yield wave([unit("only", {})]);
  },
  unit: async (ctx) => {
    await sleep(ctx.params.sleepMs);
    await ctx.write(async (_, counted) => counted.done());
  },
});

const hopeless = defineStage("hopeless", {
  ...ITEM,
  title: "hopeless",
  description: "Every item of one unit fails, the other's are done",
  params: z.object({ good: z.int().default(0) }),
  plan: async function* () {
    yield wave([unit("bad", { good: false }), unit("other", { good: true })]);
  },
  unit: async (ctx, { good }: { good: boolean }) => {
    if (good && ctx.params.good > 0) ctx.items.done(ctx.params.good);
    else for (const item of ["a", "b"]) ctx.items.failed({ item, error: new Error("no hope") });
  },
});

const deadly = defineStage("deadly", {
  ...ITEM,
  title: "deadly",
  description: "One of its units kills the worker that takes it",
  params: z.object({}),
  plan: async function* () {
    yield wave(["deadly", "a", "b", "c"].map((name) => unit(name, { name })));
  },
  unit: async (ctx, { name }: { name: string }) => {
    if (name === "deadly") process.kill(process.pid, "SIGKILL");
    ctx.items.done();
  },
});

const ask = defineStage("ask", {
  ...ITEM,
  title: "ask",
  description: "Asks a model one question",
  params: z.object({}),
  plan: async function* () {
    yield wave([unit("only", {})]);
  },
  unit: async (ctx) => {
    await ctx.step("ask", null, async () => (await ctx.llm.generate({ role: "lab", system: "s", prompt: "p", schema: z.object({ yes: z.boolean() }), local: () => ({ yes: true }) })).value);
    ctx.items.done();
  },
});

const crowd = z.object({ units: z.int().min(0).max(1_000_000).default(1), sleepMs: z.int().min(0).default(0) });

/** Any number of runs at once, of any number of units that do next to nothing, or hold a step for a while. */
const crowding = (name: string, more: { limit?: number; exclusive?: () => string | null; onBusy?: "join" | "queue" } = {}) => ({
  ...defineStage(name, {
    ...ITEM,
    title: name,
    description: "Many small units",
    params: crowd,
    exclusive: () => null,
    ...more,
    plan: async function* (_, { units }) {
      yield wave(Array.from({ length: units }, (_, index) => unit(`${index + 1}`, {})));
    },
    unit: async (ctx) => {
      const { sleepMs } = ctx.params;
      if (sleepMs > 0) await ctx.step("hold", null, async () => void (await sleep(sleepMs, undefined, { signal: ctx.signal })));
    },
  }),
  manual: true,
});

const ofStage = (name: string) => ({ exclusive: () => `lab/${name}` });

export const lab = definePipeline("lab", {
  title: "Lab",
  description: "For tests",
  stages: [counting("first", []), counting("second", ["first"]), counting("third", ["second"]), { ...waves, manual: true }, { ...steps, manual: true }, { ...brief, manual: true }, { ...deaf, manual: true }, { ...deadly, manual: true }, { ...hopeless, manual: true }, { ...ask, manual: true },
    crowding("swarm"), crowding("narrow", { limit: 3 }), crowding("patient", { onBusy: "queue", ...ofStage("patient") }), crowding("social", { onBusy: "join", ...ofStage("social") })],
});
