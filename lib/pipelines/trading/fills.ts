/**
 * How the paper broker fills from bars. Pure.
 *
 * A market order fills at the close of the bar that was decided on. A limit or stop order fills at its own price on the
 * first later bar that reaches it, or at that bar's open when it opened beyond it; stop loss and take profit likewise.
 * When one bar reaches both, the stop loss counts: bars do not say what came first, and the worse is assumed. On the bar
 * that fills an order only its stop loss is looked at, for the same reason. There is no spread and no slippage.
 */
import type { Bar } from "./price-rows.ts";

export type OpenTrade = {
  direction: string;
  orderType: string;
  orderStatus: string;
  /** The order's own price while it is pending. */
  entryPrice: number;
  stopLoss: number | null;
  takeProfit: number | null;
  openedAt: Date;
  expiresAt: Date | null;
};

export type Marked = { orderStatus: string; entryPrice: number; openedAt: Date; closePrice: number | null; closedAt: Date | null; closeReason: string | null; markedAt: Date | null };

/** Where the trade stands after these bars, oldest first. Stops at the bar that closes it. */
export function walkBars(trade: OpenTrade, bars: Bar[]): Marked {
  const marked: Marked = { orderStatus: trade.orderStatus, entryPrice: trade.entryPrice, openedAt: trade.openedAt, closePrice: null, closedAt: null, closeReason: null, markedAt: null };
  for (const bar of bars) {
    marked.markedAt = bar.at;
    let isFillBar = false;
    if (marked.orderStatus === "pending") {
      if (trade.expiresAt && bar.at > trade.expiresAt) return { ...marked, orderStatus: "expired", closedAt: bar.at, closeReason: "expired" };
      const price = entryOn(trade, bar);
      if (price === null) continue;
      Object.assign(marked, { orderStatus: "filled", entryPrice: price, openedAt: bar.at });
      isFillBar = true;
    }
    const exit = exitOn(trade, bar, isFillBar);
    if (exit) return { ...marked, closePrice: exit.price, closedAt: bar.at, closeReason: exit.reason };
  }
  return marked;
}

function entryOn({ direction, orderType, entryPrice }: OpenTrade, bar: Bar): number | null {
  // Buying cheaper or selling dearer waits for a fall or a rise; a stop order the other way round.
  const waitsForFall = (direction === "BUY") === (orderType === "limit");
  if (waitsForFall) return bar.low <= entryPrice ? Math.min(bar.open, entryPrice) : null;
  return bar.high >= entryPrice ? Math.max(bar.open, entryPrice) : null;
}

function exitOn({ direction, stopLoss, takeProfit }: OpenTrade, bar: Bar, isFillBar: boolean): { price: number; reason: string } | null {
  const isLong = direction === "BUY";
  if (stopLoss !== null && (isLong ? bar.low <= stopLoss : bar.high >= stopLoss)) {
    // On the fill bar the open lies before the fill.
    const price = isFillBar ? stopLoss : isLong ? Math.min(bar.open, stopLoss) : Math.max(bar.open, stopLoss);
    return { price, reason: "stop_loss" };
  }
  if (isFillBar || takeProfit === null) return null;
  if (isLong ? bar.high >= takeProfit : bar.low <= takeProfit) return { price: isLong ? Math.max(bar.open, takeProfit) : Math.min(bar.open, takeProfit), reason: "take_profit" };
  return null;
}
