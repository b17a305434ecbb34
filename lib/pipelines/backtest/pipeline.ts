import { definePipeline } from "#lib/engine/define";
import { simulate } from "./stage-simulate.ts";

/** One stage over imported daily prices: dates in sequence, the models of a date in parallel. */
export const backtest = definePipeline("backtest", {
  title: "Backtest",
  description: "Lets models trade through a range of past days, each with its own portfolio, and compares what they made of it. Nothing is ever ordered.",
  stages: [simulate],
});
