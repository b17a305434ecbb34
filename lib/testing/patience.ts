/** A pipeline for tests of retries and time limits. */
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { definePipeline, defineStage, noRetry, unit, wave } from "#lib/engine/define";
import { defineProgramStage } from "#lib/engine/program";

const ABOUT = { description: "", itemsName: "items", rowsName: "rows", exclusive: () => null, manual: true };
const only = async function* () {
  yield wave([unit("only", {})]);
};
const QUICK = { initialMs: 50, factor: 1, maxMs: 50, jitter: 0 };

export const patience = definePipeline("patience", {
  title: "Patience",
  description: "For tests",
  stages: [
    defineStage("flaky", {
      ...ABOUT,
      title: "Fails, and then does not",
      params: z.object({ failures: z.int().default(1), hopeless: z.boolean().default(false) }),
      retry: { attempts: 3, backoff: QUICK },
      plan: only,
      unit: async (ctx) => {
        ctx.items.done(2);
        await ctx.step("once", null, async () => ({ done: true }));
        const error = new Error(`failure ${ctx.attempt}`);
        if (ctx.attempt <= ctx.params.failures) throw ctx.params.hopeless ? noRetry(error) : error;
        ctx.items.done(1);
      },
    }),
    defineStage("slow-retry", {
      ...ABOUT,
      title: "Half of its units wait an hour for their next try",
      params: z.object({ units: z.int().default(4) }),
      retry: { attempts: 2, backoff: { initialMs: 3_600_000, maxMs: 3_600_000, jitter: 0 } },
      plan: async function* (_, { units }) {
        yield wave(Array.from({ length: units }, (_, index) => unit(`u${index}`, { waits: index < units / 2 })));
      },
      unit: async (ctx, { waits }: { waits: boolean }) => {
        if (waits && ctx.attempt === 1) throw new Error("not yet");
        ctx.items.done();
      },
    }),
    defineStage("late", {
      ...ABOUT,
      title: "Has a step that takes too long",
      params: z.object({ where: z.enum(["step", "deaf step"]) }),
      plan: only,
      unit: async (ctx) => {
        await ctx.step("slow", null, (signal) => sleep(60_000, undefined, ctx.params.where === "step" ? { signal } : { ref: false }), { timeoutMs: 200 });
      },
    }),
    defineStage("late-unit", { ...ABOUT, title: "Takes too long", params: z.object({}), timeouts: { unitMs: 300 }, plan: only, unit: async (ctx) => void (await sleep(60_000, undefined, { signal: ctx.signal })) }),
    defineStage("late-run", {
      ...ABOUT,
      title: "Has more to do than it has time for",
      params: z.object({}),
      timeouts: { runMs: 2_500 },
      retry: { attempts: 5, backoff: QUICK },
      plan: async function* () {
        yield wave(Array.from({ length: 400 }, (_, index) => unit(`u${index}`, {})));
      },
      unit: async (ctx) => void (await sleep(100, undefined, { signal: ctx.signal })),
    }),
    defineProgramStage("late-program", { ...ABOUT, title: "A program that takes too long", cwd: tmpdir(), run: ["sh", "-c", 'echo "pid $$"; sleep 300 & echo "pid $!"; wait'], timeouts: { unitMs: 1_500 } }),
    defineStage("hangs", {
      ...ABOUT,
      title: "Never lets go of the event loop",
      params: z.object({}),
      timeouts: { runMs: 1_000 },
      plan: only,
      unit: async () => {
        for (;;);
      },
    }),
  ],
});
