/** Which model each agent asks: the usual one, or one of those that PENSTOCK_MODELS names. */
import { z } from "zod";
import { envOfModel, listRemoteModels } from "#lib/ai/models";
import { BRIEF, type UnitCtx } from "#lib/engine/define";
import { type Env, parseEnv } from "#lib/env";
import { TEMPLATES } from "./prompts.ts";
import { TradingError } from "./refusal.ts";

const MAX_CHARS = 1_000;

/** The parameter of a stage: `big` for every agent, `execution_decision=big,trend_agent=small` for some. */
export const RoleModels = z
  .string()
  .trim()
  .max(MAX_CHARS)
  .default("")
  .superRefine((text, ctx) => {
    for (const { role } of pairsOf(text)) if (role !== null && !Object.hasOwn(TEMPLATES, role)) ctx.addIssue({ code: "custom", message: `names an agent that there is not, "${role}"; there is ${Object.keys(TEMPLATES).join(", ")}` });
  })
  .describe("Models of PENSTOCK_MODELS to ask: one for every agent, or agent=model pairs, such as execution_decision=big,trend_agent=small; none asks the usual one");

const pairsOf = (text: string): { role: string | null; model: string }[] =>
  text.split(",").map((part) => part.trim()).filter(Boolean).map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? { role: null, model: part } : { role: part.slice(0, at).trim(), model: part.slice(at + 1).trim() };
  });

/** The model that an agent asks by name, its own before that of all; undefined for the usual one. */
export function modelOf(models: string, role: string): string | undefined {
  const pairs = pairsOf(models);
  return (pairs.findLast((pair) => pair.role === role) ?? pairs.findLast((pair) => pair.role === null))?.model;
}

/** The environment in which an agent is asked. */
export function envOfRole(models: string, role: string): Env {
  const env = parseEnv();
  const model = modelOf(models, role);
  return (model === undefined ? null : envOfModel(env, model)) ?? env;
}

/** Ends the run at once when a model is named that nobody knows: each agent's fallback would hide it. */
export async function checkModels(ctx: UnitCtx<unknown>, models: string): Promise<void> {
  const named = pairsOf(models).map(({ model }) => model);
  if (named.length === 0) return;
  await ctx.step("models_check", { models }, async () => {
    const known = listRemoteModels().map(({ name }) => name);
    const strange = named.find((name) => !known.includes(name));
    if (strange !== undefined) throw new TradingError("UnknownModel", `There is no model "${strange}". ${known.length === 0 ? "Name it in the file of PENSTOCK_MODELS" : `There is: ${known.join(", ")}`}.`);
  }, BRIEF);
}
