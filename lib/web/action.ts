import "server-only";
import { revalidatePath } from "next/cache";
import type { z } from "zod";
import { withDenials } from "#lib/api/denials";
import { toAppError } from "#lib/api/problem";
import type { Ctx } from "#lib/ctx";
import { AppError, type ErrorCode, type Fault } from "#lib/errors";
import { actionCtx } from "#lib/web/ctx";

export type ActionError = { code: ErrorCode; message: string; faults: Fault[]; details: Record<string, unknown> };
export type ActionResult<T> = { ok: true; value: T } | { ok: false; error: ActionError };

/**
 * The only door from the browser to a verb: asks who it is, parses, runs, and gives refusals back as values. A bug is thrown on.
 * What was done may show anywhere (the feed, a count in the rail), so every page is drawn anew, the one that asked with the answer.
 * Next has checked by then that the request comes from one of our pages.
 */
export function action<S extends z.ZodType, T>(schema: S, verb: (ctx: Ctx, input: z.output<S>) => Promise<T>) {
  return async (input: z.input<S>): Promise<ActionResult<T>> =>
    answer(async () => {
      // Who asks before what is asked: a stranger learns nothing of either.
      const ctx = await actionCtx();
      if (!ctx) throw new AppError("UNAUTHENTICATED", "You are signed out. Reload the page to sign in again.");
      const done = await withDenials(ctx, () => verb(ctx, schema.parse(input)));
      revalidatePath("/", "layout");
      return done;
    });
}

/** The same for whoever is not signed in yet: signing in itself, and one-time links. */
export function openAction<S extends z.ZodType, T>(schema: S, verb: (input: z.output<S>) => Promise<T>) {
  return async (input: z.input<S>): Promise<ActionResult<T>> => answer(() => verb(schema.parse(input)));
}

async function answer<T>(run: () => Promise<T>): Promise<ActionResult<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!error) throw thrown;
    return { ok: false, error: { code: error.code, message: error.message, faults: error.faults, details: error.details } };
  }
}
