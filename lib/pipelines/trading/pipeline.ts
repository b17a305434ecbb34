import { definePipeline } from "#lib/engine/define";
import { maintenance } from "./stage-maintenance.ts";
import { signal } from "./stage-signal.ts";
import { sweep } from "./stage-sweep.ts";

/** Analyses symbols by agents, trades on paper, and looks after what is open. */
export const trading = definePipeline("trading", {
  title: "Trading desk",
  description: "Analyses imported prices by several agents, trades on paper what they agree on, and reviews open positions. No money is ever moved.",
  stages: [signal, sweep, maintenance],
});
