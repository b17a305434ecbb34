/** Accounts that follow another one: they reuse its signal, and ask for no data and no model. */
import { z } from "zod";
import type { Json } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import { ACTIONS, directionOf } from "./agents.ts";
import { readMarket } from "./candles.ts";
import { TradingError } from "./refusal.ts";
import type { Desk, KnownMarket, SignalCtx } from "./signal-data.ts";
import type { Given, Verdict } from "./signal-agents.ts";
import { isTimeframe } from "./timeframes.ts";

/** Starts a run for each account that follows this one, with the signal as it was journalled. One that cannot begin is told, and stops nobody. */
export async function shareSignal(ctx: SignalCtx, { account }: Desk, market: KnownMarket, { journalId, entry }: { journalId: number; entry: number | null }): Promise<void> {
  const followers = await ctx.db.account.findMany({ where: { primaryAccountId: account.id, isActive: true }, orderBy: { id: "asc" }, select: { id: true } });
  const { symbol, timeframe, strategy } = ctx.params;
  for (const { id } of followers) {
    await ctx.step("signal_shared", { account_id: id, journal_id: journalId }, async () => {
      try {
        const { runId } = await ctx.trigger("signal", { account: id, symbol, timeframe, strategy, shared: journalId, ...(entry !== null && { entry }), asOf: market.last.at.toISOString() }, `${journalId}/${id}`);
        return { run: runId as number | null, reason: null as string | null };
      } catch (error) {
        if (error instanceof AppError && error.code === "CONFLICT") return { run: null, reason: error.message };
        throw error;
      }
    });
  }
}

const Snapshot = z.looseObject({ atr_14: z.number().catch(0) });

/** The signal of the account that this one follows, with the bar and the figures it was made from. */
export async function receiveShared(ctx: SignalCtx, { account, strategy }: Desk, journalId: number): Promise<{ given: Given; verdict: Verdict }> {
  const { symbol, timeframe, entry } = ctx.params;
  const received = await ctx.step("shared_signal_received", { journal_id: journalId, primary_account_id: account.primaryAccountId }, async () => {
    const row = await ctx.db.aiJournal.findUnique({ where: { id: journalId } });
    if (row?.accountId == null || row.accountId !== account.primaryAccountId || row.symbol !== symbol) throw new TradingError("SharedSignalMissing", `Journal row ${journalId} is no signal of ${symbol} by the account that ${account.name} follows.`);
    return { action: z.enum(ACTIONS).parse(row.signal), confidence: row.confidence, rationale: row.rationale.slice(0, 1_000), source: row.llmProvider === "rule_based" ? "rule" : "llm", indicators: z.json().parse(JSON.parse(row.indicatorsSnapshot || "{}")) };
  });
  if (!isTimeframe(timeframe)) throw new TradingError("UnknownTimeframe", `There is no timeframe "${timeframe}".`);
  // No more than the bar that the primary decided on: its price is what an order is built from.
  const market = await readMarket(ctx.db, symbol, timeframe, ctx.params.asOf ? new Date(ctx.params.asOf) : null, 1);
  const { last } = market;
  if (!last) throw new TradingError("NoCandles", `The candles of ${symbol} have gone.`);
  const indicators = Snapshot.parse(received.indicators) as unknown as Given["indicators"];
  const given: Given = { market: { ...market, last }, indicators, context: {}, regime: null, positions: [], signals: [], news: null, strategy, accountId: account.id };
  const isPending = received.action.includes("_") && directionOf(received.action) !== "HOLD";
  const { action, confidence, rationale } = received as { action: Verdict["action"]; confidence: number; rationale: string; source: string; indicators: Json };
  return { given, verdict: { action, confidence, rationale, entry: isPending ? (entry ?? null) : null, provider: received.source === "rule" ? "rule_based" : "group_llm", model: "shared", context: null } };
}
