/** A model of the configured endpoint plays its day: it asks for tools, is told what they answer, and stops. */
import { z } from "zod";
import { MAX_STEPS, REMOTE_PREFIX } from "#lib/backtests/fields";
import type { Json, LlmTool, UnitCtx } from "#lib/engine/define";
import { type Session, TOOLS, type ToolName } from "./session.ts";

/** Calls that one turn may hold. */
const MAX_CALLS = 50;

/** What a turn must look like. Names and arguments are the model's own: a tool that does not exist is refused to it, not to us. */
const Turn = z.object({
  thought: z.string().max(4_000).default("").describe("Why, in a sentence or two"),
  calls: z.array(z.object({ tool: z.string().max(100), arguments: z.record(z.string(), z.unknown()).default({}) })).min(1).max(MAX_CALLS),
});

const told = (name: ToolName): string => `- ${name}(${Object.entries(TOOLS[name].parameters).map(([parameter, type]) => `${parameter}: ${type}`).join(", ")}): ${TOOLS[name].description}`;

const SPECS = (Object.keys(TOOLS) as ToolName[]).map((name): LlmTool => ({
  name,
  description: TOOLS[name].description,
  parameters: {
    type: "object",
    properties: Object.fromEntries(Object.entries(TOOLS[name].parameters).map(([parameter, type]): [string, Json] => [parameter, { type }])),
    required: Object.keys(TOOLS[name].parameters),
  },
}));

const SYSTEM = [
  "You trade a portfolio through one day at the market. You see today's open prices and closes of days before; you know nothing of later.",
  "You act by calling tools. Whole shares only, no debt, no selling of what you do not hold. A refused call changes nothing.",
  `Tools:\n${(Object.keys(TOOLS) as ToolName[]).map(told).join("\n")}`,
  `You have ${MAX_STEPS} turns at most. Call stop when you are done.`,
].join("\n");

/** How much of what was said so far is sent again with each turn, in characters: the end of it. */
const MAX_TALK_CHARS = 40_000;

/**
 * Plays the day, a recorded step for each turn. Whoever does not stop within `MAX_STEPS` turns is stopped: what was traded stands.
 *
 * @throws LlmError when the endpoint does not answer, or not usably: the model-day fails with its sentence
 */
export async function playRemote(ctx: Pick<UnitCtx<unknown>, "llm" | "step" | "signal">, model: string, session: Session): Promise<void> {
  const name = model.slice(REMOTE_PREFIX.length);
  const closes = [...session.market.history].map(([symbol, history]) => `${symbol}: ${history.slice(-10).join(", ")}`).join("\n");
  const opening = `It is ${session.market.date}, before the open.\nCloses of the last days, oldest first:\n${closes}`;
  session.say("user", opening);
  let talk = "";
  while (session.stopped === null && session.steps < MAX_STEPS) {
    session.steps += 1;
    // The stored turn is what a second attempt goes on with: no question is paid for twice.
    const turn = Turn.parse(await ctx.step("turn", { turn: session.steps }, async () => {
      const { value } = await ctx.llm.generate({
        role: "trader",
        subject: `${name} ${session.market.date}`,
        model: name,
        system: SYSTEM,
        prompt: `${opening}\n\n${talk.slice(-MAX_TALK_CHARS)}\nTurn ${session.steps} of ${MAX_STEPS}. Which tools do you call?`,
        schema: Turn,
        tools: SPECS,
        local: () => { throw new Error(`No endpoint is configured any more for ${name}. Name it in PENSTOCK_AI_MODEL or in the file of PENSTOCK_MODELS, then retry the failed model-days.`); },
      });
      return z.json().parse(value) as { thought: string };
    }));
    session.say("assistant", turn.thought || turn.calls.map(({ tool }) => tool).join(", "));
    for (const call of turn.calls) {
      if (session.stopped !== null) break;
      const answer = session.call(call.tool, call.arguments);
      talk += `\nYou called ${call.tool}(${JSON.stringify(call.arguments)}): ${JSON.stringify(answer.ok ? answer.value : { error: answer.error })}`;
    }
  }
  if (session.stopped === null) {
    session.stopped = `It did not stop by itself and was stopped after ${MAX_STEPS} turns.`;
    session.say("tool", session.stopped, "stop");
  }
}
