import type { Permission, Role } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { type Env, parseEnv } from "#lib/env";
import type { Keep } from "#lib/retention/rules";
import { SETTING_KEYS, SETTING_SCHEMAS, SETTINGS, type SettingKey, type Settings, type SettingStates } from "./fields.ts";

type Stored = { key: string; value: unknown; version: number; changedBy: string; changedAt: Date };
/** Of the environment, what says a setting. */
export type SettingsEnv = Pick<Env, "PENSTOCK_RETENTION_DAYS" | "PENSTOCK_PAYLOAD_DAYS" | "PENSTOCK_AUDIT_DAYS">;

/** Every setting with where it comes from: the environment, what an admin has set, or what is usual. */
export async function getSettings(ctx: Pick<Ctx, "db">, env: SettingsEnv = parseEnv()): Promise<SettingStates> {
  const stored = await ctx.db.$queryRaw<Stored[]>`select s.key, s.value, s.version, s.changed_by as "changedBy", s.changed_at as "changedAt" from settings s`;
  const stateOf = (key: SettingKey) => {
    const { env: variable, usual } = SETTINGS[key];
    const fixed = variable === null ? undefined : env[variable];
    const row = stored.find((one) => one.key === key);
    // What a later version allowed may not be read here: then it is as if nobody had set it.
    const parsed = row && SETTING_SCHEMAS[key].safeParse(row.value);
    return { value: fixed ?? (parsed?.success ? parsed.data : usual), version: row?.version ?? 0, changedBy: row?.changedBy ?? null, changedAt: row?.changedAt ?? null, fixedBy: fixed === undefined ? null : variable };
  };
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, stateOf(key)])) as SettingStates;
}

/** How long a process may go by what it has read, in milliseconds: a change is everywhere after it. */
export const SETTINGS_CACHE_MS = 5_000;
const cached = new WeakMap<Db, { until: number; values: Promise<Settings> }>();

/** A setting as it was at most `SETTINGS_CACHE_MS` ago, for what is asked with every request. */
export async function getSetting<K extends SettingKey>(ctx: Pick<Ctx, "db">, key: K): Promise<Settings[K]> {
  const known = cached.get(ctx.db);
  if (known && performance.now() < known.until) return (await known.values)[key];
  const values = getSettings(ctx).then((states) => Object.fromEntries(SETTING_KEYS.map((name) => [name, states[name].value])) as Settings);
  cached.set(ctx.db, { until: performance.now() + SETTINGS_CACHE_MS, values });
  // A database that was away for a moment is asked again by the next.
  values.catch(() => cached.delete(ctx.db));
  return (await values)[key];
}

/** So that who changed a setting sees it at once in this process. */
export const forgetSettings = ({ db }: Pick<Ctx, "db">): boolean => cached.delete(db);

/** Rights of a role that a setting takes away: viewers may see that there are payloads, and not read them. */
export async function findHiddenRights(ctx: Pick<Ctx, "db">, role: Role): Promise<Permission[]> {
  return role === "viewer" && !(await getSetting(ctx, "viewersSeePayloads")) ? ["payloads.read"] : [];
}

/** What retention keeps, by environment and settings; `auditDays` of the audit log. */
export async function getKeep(ctx: Pick<Ctx, "db">, env: SettingsEnv = parseEnv()): Promise<Keep & { auditDays: number }> {
  const { runDays, payloadDays, auditDays } = await getSettings(ctx, env);
  return { runDays: runDays.value, payloadDays: payloadDays.value, auditDays: auditDays.value };
}
