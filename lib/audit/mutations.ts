import type { Ctx } from "#lib/ctx";
import { storable } from "#lib/db/storable";

/** `object` names what was acted on, as in `run/12`; `before` and `after` are what changed of it, without secrets and payloads. */
export type AuditedAct = { action: string; object: string; before?: unknown; after?: unknown };

/**
 * Writes down an act, in the transaction of the act itself: there is neither without the other. What workers do on their own
 * is told by the events of runs, and the parts of an act by the act: both leave no entry here.
 */
export async function audit(ctx: Ctx, { action, object, before, after }: AuditedAct): Promise<void> {
  const { actor, db } = ctx;
  if (actor.kind === "worker" || ctx.isPart) return;
  const person = "may" in actor ? actor : null;
  const json = (value: unknown) => (value === undefined ? null : storable(JSON.stringify(value).replaceAll("\\u0000", "\\u2400")));
  await db.$executeRaw`
    insert into audit_entries (actor_kind, actor, user_id, key_id, ip, request_id, user_agent, action, object, before, after)
    values (${actor.kind}, ${storable(actor.name).slice(0, 200)}, ${person?.userId ?? null}, ${person?.keyId ?? null}, ${person?.from?.ip ?? null}, ${person?.from?.requestId ?? null},
            ${person?.from?.userAgent?.slice(0, 400) ?? null}, ${action}, ${object.slice(0, 300)}, ${json(before)}::jsonb, ${json(after)}::jsonb)`;
}
