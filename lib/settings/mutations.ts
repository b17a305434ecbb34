import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit, pruneAudit } from "#lib/audit/mutations";
import { type Ctx, inTransaction, onCommit } from "#lib/ctx";
import { parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { DAY_MS } from "#lib/format/duration";
import type { PruneCounts } from "#lib/retention/fields";
import { prune } from "#lib/retention/mutations";
import { planPrune, type PrunePlan } from "#lib/retention/queries";
import { cutoffsOf } from "#lib/retention/rules";
import { SETTING_KEYS, SETTING_SCHEMAS, SETTINGS, type SettingKey, type SettingStates } from "./fields.ts";
import { forgetSettings, getKeep, getSettings, type SettingsEnv } from "./queries.ts";
import { PRUNE_NOW_MS } from "./rules.ts";

/** `versions` are those that the person saw; a setting without one is changed whatever it is now. */
export const ChangeSettingsInput = z.strictObject({
  values: z.strictObject(SETTING_SCHEMAS).partial(),
  versions: z.partialRecord(z.enum(SETTING_KEYS), z.number().int().min(0)).default({}),
});
export type ChangeSettingsInput = z.output<typeof ChangeSettingsInput>;

/**
 * Changes settings, all of them or none, and writes down what they were. Other processes go by them within seconds.
 *
 * @throws AppError FORBIDDEN; CONFLICT when somebody has changed one meanwhile; MISMATCH when the environment says it
 */
export async function changeSettings(ctx: Ctx, input: z.input<typeof ChangeSettingsInput>, env: SettingsEnv = parseEnv()): Promise<SettingStates> {
  allow(ctx, "settings.change");
  const { values, versions } = ChangeSettingsInput.parse(input);
  return inTransaction(ctx, async (tx) => {
    const states = await getSettings(tx, env);
    const changed = SETTING_KEYS.filter((key) => values[key] !== undefined && values[key] !== states[key].value);
    for (const key of changed) await store(tx, key, values[key], versions[key] ?? states[key].version, states);
    if (changed.length === 0) return states;
    const part = (of: (key: SettingKey) => unknown) => Object.fromEntries(changed.map((key) => [key, of(key)]));
    await audit(tx, { action: "settings.change", object: "settings", before: part((key) => states[key].value), after: part((key) => values[key]) });
    onCommit(tx, () => forgetSettings(ctx));
    return getSettings(tx, env);
  });
}

/** The guard is in the statement: of two that saw the same version one changes it. */
async function store({ db, actor }: Ctx, key: SettingKey, value: unknown, version: number, states: SettingStates): Promise<void> {
  const { fixedBy } = states[key];
  const { label } = SETTINGS[key];
  if (fixedBy) throw new AppError("MISMATCH", `${label} is set by ${fixedBy} in the environment of the server, which wins. Change it there, or take it out there first.`, { faults: [{ path: `values.${key}`, message: `is set by ${fixedBy}` }] });
  const json = JSON.stringify(value);
  const done = await db.$executeRaw`
    insert into settings as s (key, value, changed_by) select ${key}, ${json}::jsonb, ${actor.name} where ${version}::int = 0 or exists (select 1 from settings where key = ${key})
    on conflict (key) do update set value = excluded.value, version = s.version + 1, changed_by = excluded.changed_by, changed_at = clock_timestamp() where s.version = ${version}::int`;
  if (done === 0) throw new AppError("CONFLICT", `Somebody has changed "${label}" meanwhile. Look at what it is now, then change it again.`, { faults: [{ path: `values.${key}`, message: "was changed meanwhile" }] });
}

/** What `pruneNow` would take. @throws AppError FORBIDDEN */
export async function planPruneNow(ctx: Ctx): Promise<PrunePlan> {
  allow(ctx, "settings.change");
  return planPrune(ctx, cutoffsOf(await getKeep(ctx), new Date()));
}

/**
 * Prunes by the settings as the night would, for `PRUNE_NOW_MS` at most. `isAll` is false when there may be more.
 *
 * @throws AppError FORBIDDEN
 */
export async function pruneNow(ctx: Ctx): Promise<{ counts: PruneCounts; entries: number; isAll: boolean }> {
  allow(ctx, "settings.change");
  const { auditDays, ...keep } = await getKeep(ctx);
  const signal = AbortSignal.timeout(PRUNE_NOW_MS);
  const now = new Date();
  const counts = await prune(ctx, { cutoffs: cutoffsOf(keep, now), signal });
  const entries = auditDays > 0 ? await pruneAudit(ctx, new Date(now.getTime() - auditDays * DAY_MS), signal) : 0;
  return { counts, entries, isAll: !signal.aborted };
}
