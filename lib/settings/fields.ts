/** What admins may set, declared once. Isomorphic. */
import { z } from "zod";

/** As `MAX_DAYS` of retention: above it a number of days is a mistake. */
const Days = z.coerce.number({ error: "must be a number of days" }).int({ error: "must be a whole number of days" }).min(0, { error: "is 0 or more" }).max(36_500, { error: "is at most 36500" });

export const SETTINGS = {
  runDays: { label: "Runs", description: "Days that a run is kept after it has ended; 0 for ever", schema: Days, usual: 90, env: "PENSTOCK_RETENTION_DAYS" },
  payloadDays: { label: "Payloads", description: "Days that inputs and outputs, prompts, answers and logs are; 0 as long as the run", schema: Days, usual: 30, env: "PENSTOCK_PAYLOAD_DAYS" },
  auditDays: { label: "Audit log", description: "Days that an entry is kept; 0 for ever", schema: Days, usual: 365, env: "PENSTOCK_AUDIT_DAYS" },
  viewersSeePayloads: { label: "Viewers see payloads", description: "Inputs and outputs, prompts and answers, logs and parameters; without it viewers see that there are some", schema: z.boolean(), usual: true, env: null },
} as const satisfies Record<string, { label: string; description: string; schema: z.ZodType; usual: unknown; /** The variable that wins over what is set here. */ env: string | null }>;

export type SettingKey = keyof typeof SETTINGS;
export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];
export type Settings = { [K in SettingKey]: z.output<(typeof SETTINGS)[K]["schema"]> };

/** A setting with where its value comes from. `version` is 0 for what nobody has changed. */
export type SettingState<K extends SettingKey = SettingKey> = { value: Settings[K]; version: number; changedBy: string | null; changedAt: Date | null; /** The variable of the environment that says it; null: it may be changed here. */ fixedBy: string | null };
export type SettingStates = { [K in SettingKey]: SettingState<K> };

export const SETTING_SCHEMAS = Object.fromEntries(SETTING_KEYS.map((key) => [key, SETTINGS[key].schema])) as unknown as { [K in SettingKey]: (typeof SETTINGS)[K]["schema"] };
