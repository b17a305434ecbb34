/** One agent is asked: a step of its own, whose failure is its own. */
import type { z } from "zod";
import type { Json, PromptTemplate, UnitCtx } from "#lib/engine/define";
import { type Fault, faultOf } from "./agents.ts";
import { modelOf } from "./role-models.ts";

export type Question<T> = {
  step: string;
  subject: string;
  accountId: number;
  /** Which agent asks which model (role-models.ts). */
  models: string;
  template: PromptTemplate;
  /** The template with its holes filled in. */
  prompt: string;
  schema: z.ZodType<T>;
  local: () => T;
  /** What the step keeps as its input: what the agent was given, in short. */
  input: Json;
  images?: { mimeType: string; base64: string }[];
};
export type Answer<T> = { value: T; provider: string; model: string; fault: null } | { value: null; provider: string; model: string; fault: Fault };

/** Asks and gives the answer, or which fault it was; throws only when the run itself must stop. The step tells the fault in full. */
export async function ask<T>(ctx: UnitCtx<unknown>, { step, subject, accountId, models, template, prompt, schema, local, input, images }: Question<T>): Promise<Answer<T>> {
  const named = modelOf(models, template.role);
  const alone = named === undefined ? local : () => { throw new Error(`There is no model "${named}" any more: it was there when the run was started. Name it in the file of PENSTOCK_MODELS.`); };
  try {
    const { content, provider, model } = await ctx.step(step, input, async () => {
      const { value, ...who } = await ctx.llm.generate({ role: template.role, subject, accountId, template, system: template.system, prompt, schema, local: alone, ...(named !== undefined && { model: named }), ...(images && { images }) });
      return { model: who.model, provider: who.provider, content: value as Json };
    });
    // What was stored on an earlier attempt is what the schema gave then.
    return { value: schema.parse(content), provider, model, fault: null };
  } catch (error) {
    // A budget that is spent aborts the signal: it stops the run, not one agent.
    if (ctx.signal.aborted || isSuperseded(error)) throw error;
    const who = error instanceof Error && "provider" in error && "model" in error ? { provider: String(error.provider), model: String(error.model) } : { provider: "unknown", model: "unknown" };
    ctx.log(`${step}: ${error instanceof Error ? error.message : String(error)}`, "warn");
    return { value: null, ...who, fault: faultOf(error) };
  }
}

const isSuperseded = (error: unknown): boolean => error instanceof Error && error.name === "SupersededError";
