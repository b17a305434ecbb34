/** The paper broker: orders, positions and money, filled from the bars that are here. How it fills is in fills.ts. */
import { z } from "zod";
import { sql, type Db } from "#lib/db/client";
import { readBarsAfter } from "./candles.ts";
import { walkBars } from "./fills.ts";
import { profitOf } from "./instruments.ts";
import { TradingError } from "./refusal.ts";

export type Account = {
  id: number; name: string; isLive: boolean; isActive: boolean; allowedSymbols: string[]; maxLotSize: number; riskPct: number;
  autoTradeEnabled: boolean; paperTradeEnabled: boolean; accountType: string; startBalance: number;
  /** The account whose signals this one reuses. */
  primaryAccountId: number | null;
};

const Position = z.object({
  id: z.number(), ticket: z.coerce.number(), accountId: z.number(), symbol: z.string(), timeframe: z.string(), direction: z.string(), volume: z.number(), entryPrice: z.number(),
  stopLoss: z.number().nullable(), takeProfit: z.number().nullable(), openedAt: z.date(), markedAt: z.date().nullable(), expiresAt: z.date().nullable(),
  orderType: z.string(), orderStatus: z.string(), strategyId: z.number().nullable(), maintenanceEnabled: z.boolean(), closedAt: z.date().nullable(),
});
export type Position = z.infer<typeof Position>;

const COLUMNS = sql`
  t.id, t.ticket, t.account_id as "accountId", t.symbol, t.timeframe, t.direction, t.volume, t.entry_price as "entryPrice", t.stop_loss as "stopLoss", t.take_profit as "takeProfit",
  t.opened_at as "openedAt", t.marked_at as "markedAt", t.expires_at as "expiresAt", t.order_type as "orderType", t.order_status as "orderStatus", t.strategy_id as "strategyId",
  t.maintenance_enabled as "maintenanceEnabled", t.closed_at as "closedAt"`;
const OPEN = sql`t.closed_at is null and t.order_status in ('pending', 'filled')`;

/** Open positions and pending orders of an account, the oldest first. */
export async function listOpen(db: Db, accountId: number, symbol?: string): Promise<Position[]> {
  return z.array(Position).parse(await db.$queryRaw`select ${COLUMNS} from trades t where ${OPEN} and t.account_id = ${accountId} ${symbol ? sql`and t.symbol = ${symbol}` : sql``} order by t.id`);
}

export async function findPosition(db: Db, ticket: number): Promise<Position | null> {
  return z.array(Position).parse(await db.$queryRaw`select ${COLUMNS} from trades t where t.ticket = ${ticket}::bigint order by t.id desc limit 1`)[0] ?? null;
}

/** Looks at the bars since the last look, up to `until`, and fills, expires and closes what they reach. Call it in `write`. @returns how many trades changed their state */
export async function markTrades(db: Db, account: Pick<Account, "id" | "accountType">, until: Date | null, symbol?: string): Promise<number> {
  let changed = 0;
  for (const position of await listOpen(db, account.id, symbol)) {
    const bars = await readBarsAfter(db, { symbol: position.symbol, timeframe: position.timeframe, after: position.markedAt ?? position.openedAt, until });
    const marked = walkBars(position, bars);
    if (!marked.markedAt) continue;
    const profit = marked.closePrice === null ? null : profitOf({ ...position, entryPrice: marked.entryPrice }, marked.closePrice, account.accountType);
    // The guard lets one of two that look at once win; the other has seen the same bars.
    changed += await db.$executeRaw`
      update trades
         set order_status = ${marked.orderStatus}, entry_price = ${marked.entryPrice}, opened_at = ${marked.openedAt}, close_price = ${marked.closePrice}, closed_at = ${marked.closedAt},
             close_reason = ${marked.closeReason}, profit = ${profit}, marked_at = ${marked.markedAt}
       where id = ${position.id} and closed_at is null and marked_at is not distinct from ${position.markedAt}`;
  }
  return changed;
}

/** What the account has: what it began with, and what it closed with. In its own unit (cents for USC). */
export async function readBalance(db: Db, account: Pick<Account, "id" | "startBalance">): Promise<number> {
  const [row] = await db.$queryRaw<{ profit: number }[]>`select coalesce(sum(profit), 0)::float8 as profit from trades where account_id = ${account.id} and closed_at is not null`;
  return Math.round((account.startBalance + (row?.profit ?? 0)) * 100) / 100;
}

export type Order = {
  symbol: string; timeframe: string; direction: "BUY" | "SELL"; orderType: "market" | "limit" | "stop"; volume: number; entry: number; sl: number; tp: number; expiresAt: Date | null;
  /** The price and time of the bar that was decided on. */
  price: number; at: Date;
  source: string; strategyId: number | null; clientRef: string;
};

/**
 * Takes an order. Sent again with the same `clientRef` it is the same order. Call it in `write`.
 *
 * @throws TradingError OrderRefused with the broker's words
 */
export async function placeOrder(db: Db, account: Account, order: Order): Promise<{ tradeId: number; ticket: number; filled: boolean }> {
  const reason = refuseOrder(account, order);
  if (reason) throw new TradingError("OrderRefused", reason);
  const status = order.orderType === "market" ? "filled" : "pending";
  const rows = await db.$queryRaw<{ id: number; ticket: bigint }[]>`
    insert into trades (account_id, ticket, symbol, timeframe, direction, volume, entry_price, stop_loss, take_profit, opened_at, marked_at, expires_at, source, is_paper_trade, order_type, order_status, strategy_id, client_ref)
    values (${account.id}, nextval('paper_ticket_seq'), ${order.symbol}, ${order.timeframe}, ${order.direction}, ${order.volume}, ${order.entry}, ${order.sl}, ${order.tp}, ${order.at}, ${order.at}, ${order.expiresAt},
            ${order.source}, true, ${order.orderType}, ${status}, ${order.strategyId}, ${order.clientRef})
    on conflict (client_ref) do update set client_ref = excluded.client_ref
    returning id, ticket`;
  const [row] = rows;
  if (!row) throw new Error("An upsert returned no row");
  return { tradeId: row.id, ticket: Number(row.ticket), filled: status === "filled" };
}

/** What a broker would say no to, or null. */
function refuseOrder(account: Account, { symbol, direction, orderType, volume, entry, sl, tp, price }: Order): string | null {
  if (!account.paperTradeEnabled) return `Account ${account.name} does not trade on paper, and no other broker is connected. Turn paper trading on for it.`;
  if (account.allowedSymbols.length > 0 && !account.allowedSymbols.includes(symbol)) return `Account ${account.name} may not trade ${symbol}; it may trade ${account.allowedSymbols.join(", ")}.`;
  if (!(volume > 0) || volume > account.maxLotSize + 1e-9) return `Invalid volume ${volume}: account ${account.name} takes up to ${account.maxLotSize} lots.`;
  const isLong = direction === "BUY";
  if (isLong ? sl >= entry || tp <= entry : sl <= entry || tp >= entry) return `Invalid stops: for a ${direction} at ${entry} the stop loss is ${sl} and the take profit ${tp}.`;
  if (!(entry > 0) || sl <= 0) return `Invalid price ${entry}.`;
  const waitsForFall = isLong === (orderType === "limit");
  if (orderType !== "market" && (waitsForFall ? entry >= price : entry <= price)) return `Invalid price: a ${direction} ${orderType} at ${entry} is on the wrong side of ${price}.`;
  return null;
}

/** Closes a position at a price, or cancels a pending order. @throws TradingError OrderRefused when it is not open any more */
export async function closePosition(db: Db, account: Pick<Account, "accountType" | "name" | "paperTradeEnabled">, position: Position, price: number, at: Date): Promise<{ profit: number | null }> {
  refuseIfNotPaper(account);
  const isPending = position.orderStatus === "pending";
  const profit = isPending ? null : profitOf(position, price, account.accountType);
  const closed = await db.$executeRaw`
    update trades set order_status = ${isPending ? "cancelled" : "filled"}, close_price = ${isPending ? null : price}, closed_at = ${at}, close_reason = 'maintenance', profit = ${profit}
     where id = ${position.id} and closed_at is null`;
  if (closed === 0) throw new TradingError("OrderRefused", `Position ${position.ticket} is not open any more.`);
  return { profit };
}

/** Moves the stops of a position. @throws TradingError OrderRefused */
export async function modifyPosition(db: Db, account: Pick<Account, "name" | "paperTradeEnabled">, position: Position, stops: { sl: number; tp: number }): Promise<void> {
  refuseIfNotPaper(account);
  const moved = await db.$executeRaw`update trades set stop_loss = ${stops.sl}, take_profit = ${stops.tp} where id = ${position.id} and closed_at is null`;
  if (moved === 0) throw new TradingError("OrderRefused", `Position ${position.ticket} is not open any more.`);
}

function refuseIfNotPaper({ name, paperTradeEnabled }: Pick<Account, "name" | "paperTradeEnabled">): void {
  if (!paperTradeEnabled) throw new TradingError("OrderRefused", `Account ${name} does not trade on paper, and no other broker is connected.`);
}

const AccountRow = z.object({
  id: z.number(), name: z.string(), isLive: z.boolean(), isActive: z.boolean(), allowedSymbols: z.array(z.string()).catch([]), maxLotSize: z.number(), riskPct: z.number(),
  autoTradeEnabled: z.boolean(), paperTradeEnabled: z.boolean(), accountType: z.string(), startBalance: z.number(), primaryAccountId: z.number().nullable(),
});

/** @throws TradingError AccountMissing when there is none, or it is not active */
export async function loadAccount(db: Db, id: number): Promise<Account> {
  const account = AccountRow.nullable().parse(await db.account.findUnique({ where: { id } }));
  if (!account) throw new TradingError("AccountMissing", `There is no account ${id}.`);
  if (!account.isActive) throw new TradingError("AccountMissing", `Account ${account.name} is not active.`);
  return account;
}
