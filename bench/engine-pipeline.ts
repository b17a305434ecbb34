/** Stages that do next to nothing, so that what is measured is the engine. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { definePipeline, defineStage, unit, wave } from "#lib/engine/define";

const NOTHING = { itemsName: "items", rowsName: "rows", rows: async () => 0, waiting: async () => 0, exclusive: () => null };
/** Units a wave: a plan that yields them all at once would measure an array. */
const AT_ONCE = 10_000;

async function* planned(units: number) {
  for (let first = 0; first < units; first += AT_ONCE) yield wave(Array.from({ length: Math.min(AT_ONCE, units - first) }, (_, index) => unit(`unit-${first + index + 1}`, {})));
}

export const bench = definePipeline("bench", {
  title: "Bench",
  description: "For measuring",
  stages: [
    defineStage("spark", {
      ...NOTHING, title: "Spark", description: "Says when it begins", params: z.object({ key: z.int() }),
      plan: () => planned(1),
      unit: async (ctx) => { process.send?.({ key: ctx.params.key, at: performance.timeOrigin + performance.now() }); },
    }),
    defineStage("trivial", { ...NOTHING, title: "Trivial", description: "Does nothing", params: z.object({ units: z.int() }), plan: (_, { units }) => planned(units), unit: async () => {} }),
    defineStage("sleeping", {
      ...NOTHING, title: "Sleeping", description: "Sleeps over each item", params: z.object({ units: z.int(), items: z.int(), sleepMs: z.int() }),
      plan: (_, { units }) => planned(units),
      unit: async (ctx) => {
        for (let item = 0; item < ctx.params.items; item += 1) {
          await sleep(ctx.params.sleepMs, undefined, { signal: ctx.signal });
          ctx.items.done();
        }
      },
    }),
  ],
});
