/** Refusals of the table of rights, written down at the doors: the verb that refuses has undone what it did (ASVS 16.3.2). */
import { ALL_PERMISSIONS, type Permission } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import type { Ctx } from "#lib/ctx";
import { messageOf } from "#lib/errors";
import { log } from "#lib/log";
import { toAppError } from "./problem.ts";

/** Of one person or key in a minute and in this process; more of them say nothing new. */
export const DENIALS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Actors remembered at once: the oldest is forgotten first, so that memory stays small whoever knocks. */
const ACTORS_MAX = 1_000;

type Window = { startedAt: number; count: number };
const windows = new Map<string, Window>();

/** Runs a verb. A refusal for want of a right leaves an entry `denied` with that right, and is thrown on. */
export async function withDenials<T>(ctx: Ctx, verb: () => Promise<T>): Promise<T> {
  try {
    return await verb();
  } catch (error) {
    const permission = permissionOf(error);
    // An audit log that cannot be written makes no refusal into something else.
    if (permission && isWithinBound(ctx, performance.now())) await audit(ctx, { action: "denied", object: permission }).catch((fault: unknown) => log.error(messageOf(fault), { error: fault }));
    throw error;
  }
}

/** The right that was wanting. */
function permissionOf(error: unknown): Permission | null {
  const refusal = toAppError(error);
  return refusal?.code === "FORBIDDEN" ? (ALL_PERMISSIONS.find((permission) => permission === refusal.details.permission) ?? null) : null;
}

function isWithinBound({ actor }: Ctx, now: number): boolean {
  const who = "may" in actor ? (actor.keyId ?? actor.userId ?? actor.name) : actor.name;
  const known = windows.get(who);
  const window = known && now - known.startedAt < MINUTE_MS ? known : { startedAt: now, count: 0 };
  window.count += 1;
  if (window !== known) {
    windows.delete(who);
    windows.set(who, window);
    const [oldest] = windows.keys();
    if (windows.size > ACTORS_MAX && oldest !== undefined) windows.delete(oldest);
  }
  return window.count <= DENIALS_PER_MINUTE;
}
