/** The desk's tables as people and programs read them: a page at a time, the newest first, never counted to the end. */
import { z } from "zod";
import { allow, isHidden } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import { ACTIONS } from "./agents.ts";
import { profitOf } from "./instruments.ts";
import { IMPACTS } from "./import-news.ts";
import { SymbolName } from "./price-columns.ts";

export const DESK_PAGE = 50;
const Id = z.coerce.number().int().min(1).max(2_147_483_647);
const Within = z.object({ before: Id.optional(), limit: z.coerce.number().int().min(1).max(500).default(DESK_PAGE) });
const ByAccount = Within.extend({ account: Id.optional(), symbol: SymbolName.optional() });
export const JournalRequest = ByAccount.extend({ signal: z.enum(ACTIONS).optional() });
export type JournalRequest = z.infer<typeof JournalRequest>;
export const TradesRequest = ByAccount.extend({ state: z.enum(["open", "closed"]).optional() });
export type TradesRequest = z.infer<typeof TradesRequest>;
const Moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
/** `from` inclusive, `to` exclusive. */
export const NewsRequest = Within.extend({ symbol: SymbolName.optional(), impact: z.enum(IMPACTS).optional(), from: Moment.optional(), to: Moment.optional() });
export type NewsRequest = z.infer<typeof NewsRequest>;
export const PlainRequest = Within;
export type PlainRequest = z.infer<typeof Within>;

type Page<T> = { rows: T[]; next: number | null };
/** One row more than shown was asked for: it says that there are others. */
function pageOf<T extends { id: number }>(rows: T[], limit: number): Page<T> {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
const narrowed = (table: Sql, { account, symbol }: { account?: number; symbol?: string }): Sql => sql`
  ${account === undefined ? sql`` : sql`and ${table}.account_id = ${account}::int`} ${symbol === undefined ? sql`` : sql`and ${table}.symbol = ${symbol}`}`;

const JournalRow = z.object({
  id: z.number(), accountId: z.number(), account: z.string(), symbol: z.string(), timeframe: z.string(), signal: z.string(), confidence: z.number(), /** Null with `hidden`: it is not for this reader. */ rationale: z.string().nullable(), hidden: z.boolean(),
  provider: z.string(), model: z.string(), strategy: z.string().nullable(), tradeId: z.number().nullable(), ticket: z.number().nullable(), runId: z.coerce.number().nullable(), createdAt: z.date(),
});
export type JournalRow = z.infer<typeof JournalRow>;

/** What was decided and why. */
export async function listJournal(ctx: Ctx, request: JournalRequest): Promise<Page<JournalRow>> {
  allow(ctx, "runs.read");
  const { db } = ctx;
  const { signal, before, limit } = request;
  const hidden = isHidden(ctx);
  const rows = await db.$queryRaw`
    select j.id, j.account_id as "accountId", a.name as account, j.symbol, j.timeframe, j.signal, j.confidence, case when not ${hidden} then left(j.rationale, 1000) end as rationale, ${hidden}::boolean as hidden, j.llm_provider as provider, j.model_name as model,
           s.name as strategy, j.trade_id as "tradeId", t.ticket::float8 as ticket, r.run_id as "runId", j.created_at as "createdAt"
      from ai_journal j
      join accounts a on a.id = j.account_id
      left join strategies s on s.id = j.strategy_id
      left join trades t on t.id = j.trade_id
      left join lateral (select run_id from trading_runs where journal_id = j.id order by run_id limit 1) r on true
     where true ${narrowed(sql`j`, request)} ${signal === undefined ? sql`` : sql`and j.signal = ${signal}`} ${before === undefined ? sql`` : sql`and j.id < ${before}::int`}
     order by j.id desc
     limit ${limit + 1}::int`;
  return pageOf(z.array(JournalRow).parse(rows), limit);
}

const TradeRow = z.object({
  id: z.number(), ticket: z.number(), accountId: z.number(), account: z.string(), accountType: z.string(), symbol: z.string(), timeframe: z.string(), direction: z.string(), volume: z.number(),
  entryPrice: z.number(), stopLoss: z.number().nullable(), takeProfit: z.number().nullable(), closePrice: z.number().nullable(), profit: z.number().nullable(), openedAt: z.date(), closedAt: z.date().nullable(),
  closeReason: z.string().nullable(), orderType: z.string(), orderStatus: z.string(), source: z.string(), strategy: z.string().nullable(), runIds: z.array(z.coerce.number()),
  lastPrice: z.number().nullable(), lastAt: z.date().nullable(),
});
export type TradeRow = z.infer<typeof TradeRow> & { /** What it would make if it were closed at the last bar; null when it is closed, still pending, or has no bars. */ unrealised: number | null };

/** Positions and orders: what is open first, each part the newest first. The last bars are read for what is open only. */
export async function listTrades(ctx: Ctx, request: TradesRequest): Promise<Page<TradeRow>> {
  allow(ctx, "runs.read");
  const { db } = ctx;
  const { state, before, limit } = request;
  const rows = await db.$queryRaw`
    select t.id, t.ticket::float8 as ticket, t.account_id as "accountId", a.name as account, a.account_type as "accountType", t.symbol, t.timeframe, t.direction, t.volume, t.entry_price as "entryPrice",
           t.stop_loss as "stopLoss", t.take_profit as "takeProfit", t.close_price as "closePrice", t.profit, t.opened_at as "openedAt", t.closed_at as "closedAt", t.close_reason as "closeReason",
           t.order_type as "orderType", t.order_status as "orderStatus", t.source, s.name as strategy, c.close as "lastPrice", c.at as "lastAt",
           array(select run_id::float8 from trading_runs where trade_id = t.id order by run_id desc limit 3) as "runIds"
      from trades t
      join accounts a on a.id = t.account_id
      left join strategies s on s.id = t.strategy_id
      left join lateral (select close, at from candles where t.closed_at is null and symbol = t.symbol and timeframe = t.timeframe and at <= now() order by at desc limit 1) c on true
     where true ${narrowed(sql`t`, request)} ${state === undefined ? sql`` : sql`and (t.closed_at is null) = ${state === "open"}`}
       ${before === undefined ? sql`` : sql`and ((t.closed_at is null), t.id) < (select (closed_at is null), id from trades where id = ${before}::int)`}
     order by (t.closed_at is null) desc, t.id desc
     limit ${limit + 1}::int`;
  const { rows: shown, next } = pageOf(z.array(TradeRow).parse(rows), limit);
  return { rows: shown.map((row) => ({ ...row, unrealised: row.closedAt === null && row.orderStatus === "filled" && row.lastPrice !== null ? profitOf(row, row.lastPrice, row.accountType) : null })), next };
}

const AccountRow = z.object({
  id: z.number(), name: z.string(), broker: z.string(), login: z.string(), isLive: z.boolean(), isActive: z.boolean(), autoTradeEnabled: z.boolean(), paperTradeEnabled: z.boolean(), accountType: z.string(),
  allowedSymbols: z.array(z.string()).catch([]), maxLotSize: z.number(), riskPct: z.number(), startBalance: z.number(), balance: z.number(), openTrades: z.number(), strategies: z.array(z.string()), /** The account whose signals it reuses. */ follows: z.string().nullable(), lastRunId: z.coerce.number().nullable(),
});
export type AccountRow = z.infer<typeof AccountRow>;

/** Accounts with what they have: what they began with and the profit of what they closed, in their own unit. */
export async function listAccounts(ctx: Ctx, { before, limit }: PlainRequest): Promise<Page<AccountRow>> {
  allow(ctx, "runs.read");
  const { db } = ctx;
  const rows = await db.$queryRaw`
    select a.id, a.name, a.broker, a.login, a.is_live as "isLive", a.is_active as "isActive", a.auto_trade_enabled as "autoTradeEnabled", a.paper_trade_enabled as "paperTradeEnabled", a.account_type as "accountType",
           a.allowed_symbols as "allowedSymbols", a.max_lot_size as "maxLotSize", a.risk_pct as "riskPct", a.start_balance as "startBalance",
           round((a.start_balance + (select coalesce(sum(profit), 0) from trades where account_id = a.id and closed_at is not null))::numeric, 2)::float8 as balance,
           (select count(*)::int from trades where account_id = a.id and closed_at is null and order_status in ('pending', 'filled')) as "openTrades",
           (select p.name from accounts p where p.id = a.primary_account_id) as follows,
           array(select s.name from account_strategies b join strategies s on s.id = b.strategy_id where b.account_id = a.id and b.is_active order by s.name limit 20) as strategies,
           (select run_id from trading_runs where account_id = a.id order by run_id desc limit 1) as "lastRunId"
      from accounts a
     where true ${before === undefined ? sql`` : sql`and a.id < ${before}::int`}
     order by a.id desc
     limit ${limit + 1}::int`;
  return pageOf(z.array(AccountRow).parse(rows), limit);
}

const StrategyRow = z.object({
  id: z.number(), name: z.string(), description: z.string().nullable(), strategyType: z.string(), executionMode: z.string(), className: z.string().nullable(), primaryTf: z.string(), symbols: z.array(z.string()).catch([]),
  slPips: z.number().nullable(), tpPips: z.number().nullable(), newsFilter: z.boolean(), maintenanceEnabled: z.boolean(), isActive: z.boolean(),
  contextTfs: z.array(z.string()).catch([]), skipHours: z.array(z.number()).catch([]), skipHoursTimezone: z.string().nullable(), accounts: z.array(z.string()), lastRunId: z.coerce.number().nullable(),
});
export type StrategyRow = z.infer<typeof StrategyRow>;

export async function listStrategies(ctx: Ctx, { before, limit }: PlainRequest): Promise<Page<StrategyRow>> {
  allow(ctx, "runs.read");
  const { db } = ctx;
  const rows = await db.$queryRaw`
    select s.id, s.name, s.description, s.strategy_type as "strategyType", s.execution_mode as "executionMode", s.class_name as "className", s.primary_tf as "primaryTf", s.symbols, s.sl_pips as "slPips", s.tp_pips as "tpPips",
           s.news_filter as "newsFilter", s.maintenance_enabled as "maintenanceEnabled", s.is_active as "isActive",
           s.context_tfs as "contextTfs", s.skip_hours as "skipHours", s.skip_hours_timezone as "skipHoursTimezone",
           array(select a.name from account_strategies b join accounts a on a.id = b.account_id where b.strategy_id = s.id and b.is_active order by a.name limit 20) as accounts,
           (select run_id from trading_runs where strategy_id = s.id order by run_id desc limit 1) as "lastRunId"
      from strategies s
     where true ${before === undefined ? sql`` : sql`and s.id < ${before}::int`}
     order by s.id desc
     limit ${limit + 1}::int`;
  return pageOf(z.array(StrategyRow).parse(rows), limit);
}

const NewsRow = z.object({ id: z.number(), symbol: z.string(), at: z.date(), title: z.string(), impact: z.enum(IMPACTS), source: z.string() });
export type NewsRow = z.infer<typeof NewsRow>;

/** Headlines that were imported: what a signal with news reads the last 24 hours of. */
export async function listNews(ctx: Ctx, { symbol, impact, from, to, before, limit }: NewsRequest): Promise<Page<NewsRow>> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw`
    select n.id, n.symbol, n.at, n.title, n.impact, n.source
      from news_events n
     where true ${symbol === undefined ? sql`` : sql`and n.symbol = ${symbol}`} ${impact === undefined ? sql`` : sql`and n.impact = ${impact}`}
       ${from === undefined ? sql`` : sql`and n.at >= ${from.toISOString()}::timestamptz`} ${to === undefined ? sql`` : sql`and n.at < ${to.toISOString()}::timestamptz`}
       ${before === undefined ? sql`` : sql`and (n.at, n.id) < (select at, id from news_events where id = ${before}::int)`}
     order by n.at desc, n.id desc
     limit ${limit + 1}::int`;
  return pageOf(z.array(NewsRow).parse(rows), limit);
}

const SeriesRow = z.object({ symbol: z.string(), timeframe: z.string(), first: z.date(), last: z.date(), close: z.number() });

/** Which prices are here, by symbol, 100 series at most: a few steps down the key for each, however long they are. */
export async function listSeries(ctx: Ctx): Promise<z.infer<typeof SeriesRow>[]> {
  allow(ctx, "runs.read");
  const { db } = ctx;
  return z.array(SeriesRow).parse(await db.$queryRaw`
    with recursive series as (
      (select symbol, timeframe, 1 as n from candles order by symbol, timeframe limit 1)
      union all
      select c.symbol, c.timeframe, s.n + 1 from series s,
             lateral (select symbol, timeframe from candles where (symbol, timeframe) > (s.symbol, s.timeframe) order by symbol, timeframe limit 1) c
       where s.n < 100)
    select s.symbol, s.timeframe, f.at as first, l.at as last, l.close
      from series s,
           lateral (select at from candles where symbol = s.symbol and timeframe = s.timeframe order by at limit 1) f,
           lateral (select at, close from candles where symbol = s.symbol and timeframe = s.timeframe order by at desc limit 1) l
     order by s.symbol, s.timeframe`);
}
