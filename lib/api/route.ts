import "server-only";
import { requireActor } from "#lib/auth/actor";
import type { Ctx } from "#lib/ctx";
import { webDb } from "#lib/db/client";
import type { Json } from "#lib/engine/define";
import { withDenials } from "#lib/api/denials";
import { crossSiteFault } from "#lib/api/origin";
import { printJson, problemOf } from "#lib/api/problem";
import type { RunCount } from "#lib/stats/queries";

export type ApiRequest<P> = { request: Request; url: URL; params: P };

/**
 * A route handler: finds out who asks, refuses other sites, and turns what is thrown into a problem.
 * `handler` parses what it was given and calls one verb.
 *
 * @param refuse how this door tells what was thrown
 */
export function route<P = Record<string, never>>(handler: (ctx: Ctx, request: ApiRequest<P>) => Promise<Response>, refuse: (thrown: unknown) => Response = problemResponse) {
  return async (request: Request, context: { params: Promise<P> }): Promise<Response> => {
    try {
      const fault = crossSiteFault(request.method, (name) => request.headers.get(name));
      if (fault) throw fault.error;
      const db = webDb();
      const ctx: Ctx = { db, actor: await requireActor(db, request.headers) };
      const asked = { request, url: new URL(request.url), params: await context.params };
      return await withDenials(ctx, () => handler(ctx, asked));
    } catch (error) {
      return refuse(error);
    }
  };
}

export function problemResponse(error: unknown): Response {
  const { status, body, headers } = problemOf(error);
  return new Response(body, { status, headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store", ...headers } });
}

/** `{ data }`, or `{ data, page }` for a list. */
export function answer(body: { data: unknown; page?: Page }, init: { status?: number; headers?: Record<string, string> } = {}): Response {
  return answerPlain(body, init);
}

/** A body in another program's contract, without our envelope. */
export function answerPlain(body: unknown, init: { status?: number; headers?: Record<string, string> } = {}): Response {
  return new Response(printJson(body), { status: init.status ?? 200, headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...init.headers } });
}

/** `{ data }` of nothing but plain JSON, too large for a second look at each of its values. */
export function answerLarge(data: Json): Response {
  return new Response(JSON.stringify({ data }), { headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
}

/** A list may say more about its page than where the next one begins. */
export type Page = { nextCursor: string | null; prevCursor: string | null } & Record<string, unknown>;
/** The page of a list that only goes forward, by number. */
export const forwardPage = (next: number | null): Page => ({ nextCursor: next === null ? null : String(next), prevCursor: null });
