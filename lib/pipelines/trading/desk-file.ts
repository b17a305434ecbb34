/** Accounts and strategies as a YAML file says them: made where there are none, put right where there are. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { AppError, type Fault, messageOf } from "#lib/errors";
import { isZone } from "#lib/format/time";
import { SymbolName } from "./price-columns.ts";
import { isRule, RULES } from "./rule-strategies.ts";
import { findTimeframe, TIMEFRAME_NAMES } from "./timeframes.ts";

const Name = z.string().trim().min(1).max(100);
const Timeframe = z.string().transform((name, ctx) => findTimeframe(name) ?? (ctx.addIssue(`is one of ${TIMEFRAME_NAMES.join(", ")}`), z.NEVER));

const Account = z.strictObject({
  /** Which account it is: the same login is the same account. */
  login: Name,
  name: Name.optional(),
  /** The login of the account whose signals this one reuses; null ends that. */
  follows: Name.nullable().optional(),
  isActive: z.boolean().optional(),
  allowedSymbols: z.array(SymbolName).max(200).optional(),
  maxLotSize: z.number().positive().max(1_000).optional(),
  riskPct: z.number().min(0).max(1, "is a share, such as 0.01 for one percent").optional(),
  autoTrade: z.boolean().optional(),
  accountType: z.enum(["USD", "USC"]).optional(),
  startBalance: z.number().positive().max(1e12).optional(),
});

const Strategy = z.strictObject({
  name: Name,
  description: z.string().max(1_000).optional(),
  executionMode: z.enum(["llm_only", "rule_then_llm", "rule_only", "hybrid_validator", "multi_agent"]).optional(),
  className: z.string().refine(isRule, { error: `is one of ${Object.keys(RULES).join(", ")}` }).nullable().optional(),
  symbols: z.array(SymbolName).max(200).optional(),
  primaryTf: Timeframe.optional(),
  /** Other timeframes that the analyst is told of. */
  contextTfs: z.array(Timeframe).max(8).optional(),
  customPrompt: z.string().max(4_000).nullable().optional(),
  newsFilter: z.boolean().optional(),
  maintenanceEnabled: z.boolean().optional(),
  lotSize: z.number().positive().max(1_000).nullable().optional(),
  slPips: z.number().positive().max(1e6).nullable().optional(),
  tpPips: z.number().positive().max(1e6).nullable().optional(),
  /** Hours of the day, 0 to 23, in which it does not trade. */
  skipHours: z.array(z.int().min(0).max(23)).max(24).optional(),
  skipHoursTimezone: z.string().refine(isZone, { error: "is a time zone, such as Europe/Berlin" }).optional(),
  isActive: z.boolean().optional(),
  /** Logins of the accounts that are bound to it. */
  accounts: z.array(Name).max(100).optional(),
});

const Desk = z.strictObject({ accounts: z.array(Account).max(1_000).default([]), strategies: z.array(Strategy).max(1_000).default([]) });
type Desk = z.infer<typeof Desk>;

/** @throws AppError INVALID with every fault at its place */
export async function parseDeskFile(text: string): Promise<Desk> {
  const { parse } = await import("yaml");
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    throw new AppError("INVALID", `The file is no YAML: ${messageOf(error)}`);
  }
  const parsed = Desk.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const faults: Fault[] = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  throw new AppError("INVALID", `The file is not right:\n${faults.map(({ path, message }) => `  ${path} ${message}`).join("\n")}`, { faults });
}

/**
 * Sets the desk up as the file says; what it does not name stays as it is. All of it, or nothing.
 *
 * @throws AppError INVALID as `parseDeskFile`, and when it names an account that is nowhere
 */
export async function loadDeskFile(ctx: Ctx, text: string): Promise<{ accounts: number; strategies: number }> {
  allow(ctx, "trading.control");
  const { accounts, strategies } = await parseDeskFile(text);
  return inTransaction(ctx, async (tx) => {
    for (const { login, name, follows: _, autoTrade, ...more } of accounts) {
      const data = { ...more, ...(name !== undefined && { name }), ...(autoTrade !== undefined && { autoTradeEnabled: autoTrade }) };
      await tx.db.account.upsert({ where: { login }, create: { login, name: name ?? login, broker: "Paper broker", paperTradeEnabled: true, ...data }, update: data, select: { id: true } });
    }
    for (const { login, follows } of accounts) {
      if (follows === undefined) continue;
      if (follows === login) throw new AppError("INVALID", `Account ${login} cannot follow itself.`);
      await tx.db.account.update({ where: { login }, data: { primaryAccountId: follows === null ? null : await findAccount(tx.db, follows) }, select: { id: true } });
    }
    const [chain] = await tx.db.$queryRaw<{ login: string }[]>`select a.login from accounts a join accounts p on p.id = a.primary_account_id where p.primary_account_id is not null order by a.id limit 1`;
    if (chain) throw new AppError("INVALID", `Account ${chain.login} follows one that follows another itself. Let it follow that one.`);
    for (const { name, accounts: bound, ...data } of strategies) {
      const { id } = await tx.db.strategy.upsert({ where: { name }, create: { name, ...(data.className && { strategyType: "code" }), ...data }, update: data, select: { id: true } });
      if (!bound) continue;
      const ids = await Promise.all(bound.map((login) => findAccount(tx.db, login)));
      await tx.db.accountStrategy.deleteMany({ where: { strategyId: id, accountId: { notIn: ids } } });
      await tx.db.accountStrategy.createMany({ data: ids.map((accountId) => ({ accountId, strategyId: id })), skipDuplicates: true });
    }
    await audit(tx, { action: "trading.desk-loaded", object: "trading", after: { accounts: accounts.map(({ login }) => login), strategies: strategies.map(({ name }) => name) } });
    return { accounts: accounts.length, strategies: strategies.length };
  });
}

async function findAccount(db: Db, login: string): Promise<number> {
  const found = await db.account.findUnique({ where: { login }, select: { id: true } });
  if (!found) throw new AppError("INVALID", `There is no account with the login "${login}". Name it under accounts.`);
  return found.id;
}
