/** What people set for the whole desk: the kill switch, which agents take part, and what bounds the risk. Every change is told in the feed. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { storable } from "#lib/db/storable";
import { type Agent, AGENTS } from "./agents.ts";
import { REGIMES } from "./regime.ts";

export type KillSwitch = { isActive: boolean; reason: string | null; changedBy: string | null; changedAt: Date | null };

export async function readKillSwitch(db: Db): Promise<KillSwitch> {
  const turn = await db.killSwitchTurn.findFirst({ orderBy: { id: "desc" } });
  return { isActive: turn?.action === "activated", reason: turn?.reason ?? null, changedBy: turn?.actor ?? null, changedAt: turn?.createdAt ?? null };
}

/** The same for whoever asks from outside; so the three below. */
export async function getKillSwitch(ctx: Ctx): Promise<KillSwitch> {
  allow(ctx, "runs.read");
  return readKillSwitch(ctx.db);
}

export const SetKillSwitchInput = z.strictObject({ isActive: z.boolean(), reason: z.string().trim().min(1, "is missing: say why").max(500) });
export type SetKillSwitchInput = z.infer<typeof SetKillSwitchInput>;

/** Halts all trading, or lets it go on. `changed` is false when it stood so already, and nothing was written. */
export async function setKillSwitch(ctx: Ctx, input: SetKillSwitchInput): Promise<{ changed: boolean }> {
  allow(ctx, "trading.control");
  const { isActive, reason } = parse(SetKillSwitchInput, input);
  return inTransaction(ctx, async (tx) => {
    const { db, actor } = tx;
    await db.$executeRaw`select pg_advisory_xact_lock(7331501)`;
    if ((await readKillSwitch(db)).isActive === isActive) return { changed: false };
    await db.killSwitchTurn.create({ data: { action: isActive ? "activated" : "deactivated", reason: storable(reason), triggeredBy: actor.kind === "worker" ? "system" : "user", actor: actor.name } });
    await tell({ db, actor }, "trading.kill_switch", { isActive, reason: storable(reason) });
    await audit(tx, { action: "trading.kill-switch", object: "trading", before: { isActive: !isActive }, after: { isActive, reason } });
    return { changed: true };
  });
}

export type KillSwitchTurn = { id: number; action: string; reason: string; actor: string | null; triggeredBy: string; createdAt: Date };

/** Its turns, the newest first, older than `before`. */
export async function listKillSwitchTurns(ctx: Ctx, { before, limit = 20 }: { before?: number; limit?: number } = {}): Promise<KillSwitchTurn[]> {
  allow(ctx, "runs.read");
  return ctx.db.killSwitchTurn.findMany({ ...(before !== undefined && { where: { id: { lt: before } } }), orderBy: { id: "desc" }, take: limit });
}

export type AgentSwitches = Record<Agent, boolean> & { /** Off: no agents, one analysis and one decision only. */ agent_pipeline: boolean };
const SWITCHES = ["agent_pipeline", ...AGENTS] as const;

export async function readAgentSwitches(db: Db): Promise<AgentSwitches> {
  const rows = await db.agentSwitch.findMany({ select: { agent: true, isEnabled: true } });
  const isEnabled = (name: string) => rows.find(({ agent }) => agent === name)?.isEnabled ?? true;
  return Object.fromEntries(SWITCHES.map((name) => [name, isEnabled(name)])) as AgentSwitches;
}

export async function getAgentSwitches(ctx: Ctx): Promise<AgentSwitches> {
  allow(ctx, "runs.read");
  return readAgentSwitches(ctx.db);
}

export type AgentSwitchTurn = { agent: string; isEnabled: boolean; changedBy: string | null; changedAt: Date };

/** Agents that were ever switched, with who did it last. */
export async function listSwitchedAgents(ctx: Ctx): Promise<AgentSwitchTurn[]> {
  allow(ctx, "runs.read");
  return ctx.db.agentSwitch.findMany({ orderBy: { agent: "asc" } });
}

/** The two without which there is no decision cannot be switched off: the whole agent pipeline can. */
export const SetAgentSwitchInput = z.strictObject({ agent: z.enum(["agent_pipeline", "indicator_agent", "pattern_agent", "trend_agent"]), isEnabled: z.boolean(), /** Told in the feed. */ reason: z.string().trim().max(500).optional() });
export type SetAgentSwitchInput = z.infer<typeof SetAgentSwitchInput>;

export async function setAgentSwitch(ctx: Ctx, input: SetAgentSwitchInput): Promise<{ changed: boolean }> {
  allow(ctx, "trading.control");
  const { agent, isEnabled, reason } = parse(SetAgentSwitchInput, input);
  return inTransaction(ctx, async (tx) => {
    const { db, actor } = tx;
    const changed = await db.$executeRaw`
      insert into agent_switches (agent, is_enabled, changed_by, changed_at)
      select ${agent}, ${isEnabled}, ${actor.name}, clock_timestamp()
       where ${isEnabled} = false or exists (select 1 from agent_switches where agent = ${agent})
      on conflict (agent) do update set is_enabled = excluded.is_enabled, changed_by = excluded.changed_by, changed_at = excluded.changed_at
      where agent_switches.is_enabled <> excluded.is_enabled`;
    if (changed === 0) return { changed: false };
    await tell({ db, actor }, "trading.agent_switch", { agent, isEnabled, ...(reason && { reason: storable(reason) }) });
    await audit(tx, { action: "agent.switch", object: `agent/${agent}`, before: { isEnabled: !isEnabled }, after: { isEnabled, reason } });
    return { changed: true };
  });
}

export const RiskSettings = z.strictObject({
  maxOpenPositions: z.int().min(0).max(10_000),
  maxTradesPerSymbol: z.int().min(0).max(10_000),
  windowHours: z.int().min(1).max(8_760),
  confidenceThreshold: z.number().min(0).max(1),
  callsPerMinute: z.int().min(1).max(100_000),
  maintenanceEnabled: z.boolean(),
  blockedRegimes: z.partialRecord(z.enum(["low", "medium", "high", "bullish", "bearish", "ranging", ...REGIMES]), z.array(z.enum(["BUY", "SELL"]))),
});
export type RiskSettings = z.infer<typeof RiskSettings>;
const USUAL_RISK: RiskSettings = { maxOpenPositions: 5, maxTradesPerSymbol: 3, windowHours: 24, confidenceThreshold: 0.7, callsPerMinute: 10, maintenanceEnabled: true, blockedRegimes: {} };

export async function readRiskSettings(db: Db): Promise<RiskSettings> {
  const row = await db.riskSettings.findUnique({ where: { id: 1 }, omit: { id: true } });
  return row ? RiskSettings.parse(row) : USUAL_RISK;
}

export async function getRiskSettings(ctx: Ctx): Promise<RiskSettings> {
  allow(ctx, "runs.read");
  return readRiskSettings(ctx.db);
}

export const SetRiskSettingsInput = RiskSettings.partial();

/** Changes what is named and leaves the rest. */
export async function setRiskSettings(ctx: Ctx, input: z.infer<typeof SetRiskSettingsInput>): Promise<RiskSettings> {
  allow(ctx, "trading.control");
  const given = parse(SetRiskSettingsInput, input);
  return inTransaction(ctx, async (tx) => {
    const { db, actor } = tx;
    const before = await readRiskSettings(db);
    const next = { ...before, ...given };
    await db.riskSettings.upsert({ where: { id: 1 }, create: { id: 1, ...next }, update: next });
    await tell({ db, actor }, "trading.risk_settings", { changed: Object.keys(given).join(", ") });
    await audit(tx, { action: "risk.change", object: "trading", before, after: next });
    return next;
  });
}

async function tell({ db, actor }: Ctx, type: string, data: Record<string, string | boolean>): Promise<void> {
  await db.$executeRaw`insert into run_events (type, actor, data) values (${type}, ${actor.name}, ${JSON.stringify({ pipeline: "trading", ...data })}::jsonb)`;
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  throw new AppError("INVALID", `${faults.map(({ path, message }) => `${path} ${message}`).join("; ")}.`, { faults });
}

/** Ticks the account's window of a minute, which begins with its first analysis. False when that is one too many. */
export async function tickRate(db: Db, accountId: number, callsPerMinute: number): Promise<{ allowed: boolean; calls: number }> {
  const [row] = await db.$queryRaw<{ calls: number }[]>`
    insert into account_call_windows as w (account_id, started_at, calls) values (${accountId}, clock_timestamp(), 1)
    on conflict (account_id) do update
      set calls      = case when w.started_at <= clock_timestamp() - interval '60 seconds' then 1 else w.calls + 1 end,
          started_at = case when w.started_at <= clock_timestamp() - interval '60 seconds' then clock_timestamp() else w.started_at end
    returning calls`;
  const calls = row?.calls ?? 1;
  return { allowed: calls <= callsPerMinute, calls };
}
