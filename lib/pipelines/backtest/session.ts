/** One model's day at the market: what it may do, what is refused, and the record of it. Pure: nothing is read or written here. */
import type { Json } from "#lib/engine/define";
import { printMicros } from "#lib/backtests/rules";

export type Holdings = Map<string, bigint>;
export type Portfolio = { cash: bigint; holdings: Holdings };

export type Market = {
  date: string;
  /** Open prices of the day in micros: what can be traded. */
  prices: Map<string, bigint>;
  /** Closes of the trading days before, oldest first, of what can be traded. The day's own close is not known yet. */
  history: Map<string, number[]>;
};

export type Action = { type: "buy" | "sell" | "no_trade"; symbol: string | null; quantity: string; price: string; cash: string };
export type Said = { role: "user" | "assistant" | "tool"; content: string; toolName: string | null };
export type ToolUse = { calls: number; refused: number; durationMs: number };

/** What a tool tells the model: a value, or why it refused. Refusals end nothing. */
export type ToolAnswer = { ok: true; value: Json } | { ok: false; error: string };

/** A finished session as JSON: kept with its step, so that a second attempt repeats nothing. */
export type SessionRecord = { actions: Action[]; said: Said[]; tools: Record<string, ToolUse>; steps: number; summary: string };

/** What can be asked for, with the parameters that a model gives. Model, date and job are ours: a model cannot name them. */
export const TOOLS = {
  get_prices: { description: "Today's open price of each symbol that can be traded.", parameters: {} },
  get_portfolio: { description: "Your cash and your holdings.", parameters: {} },
  buy: { description: "Buys whole shares at today's open price.", parameters: { symbol: "string", quantity: "integer" } },
  sell: { description: "Sells whole shares at today's open price. The cash can be used at once.", parameters: { symbol: "string", quantity: "integer" } },
  stop: { description: "Ends your day. Say in one sentence what you did and why.", parameters: { summary: "string" } },
} as const;
export type ToolName = keyof typeof TOOLS;

/** More acts in one day than any model has use for; what keeps a record bounded. */
const MAX_ACTIONS = 500;
const MAX_SAID_CHARS = 20_000;

export class Session {
  readonly market: Market;
  private cash: bigint;
  private readonly holdings: Holdings;
  private readonly actions: Action[] = [];
  private readonly said: Said[] = [];
  private readonly tools: Record<string, ToolUse> = {};
  /** What the model said when it stopped; null while it has not. */
  stopped: string | null = null;
  steps = 0;

  constructor(market: Market, { cash, holdings }: Portfolio) {
    this.market = market;
    this.cash = cash;
    this.holdings = new Map(holdings);
  }

  say(role: Said["role"], content: string, toolName: string | null = null): void {
    this.said.push({ role, content: content.slice(0, MAX_SAID_CHARS), toolName });
  }

  /** Calls a tool by whatever name and arguments a model gave. Never throws. */
  call(name: string, given: Record<string, unknown> = {}): ToolAnswer {
    const startedAt = performance.now();
    const answer = this.answer(name, given);
    const known = Object.hasOwn(TOOLS, name) ? name : "unknown";
    const use = (this.tools[known] ??= { calls: 0, refused: 0, durationMs: 0 });
    use.calls += 1;
    use.refused += answer.ok ? 0 : 1;
    use.durationMs += performance.now() - startedAt;
    this.say("tool", JSON.stringify(answer.ok ? answer.value : { error: answer.error }), known);
    return answer;
  }

  private answer(name: string, given: Record<string, unknown>): ToolAnswer {
    switch (name) {
      case "get_prices":
        return { ok: true, value: Object.fromEntries([...this.market.prices].map(([symbol, price]) => [symbol, Number(price) / 1e6])) };
      case "get_portfolio":
        return { ok: true, value: { cash: Number(this.cash) / 1e6, holdings: Object.fromEntries([...this.holdings].map(([symbol, quantity]) => [symbol, Number(quantity)])) } };
      case "buy":
      case "sell":
        return this.trade(name, given);
      case "stop":
        this.stopped = typeof given.summary === "string" ? given.summary.slice(0, 2_000) : "";
        return { ok: true, value: { stopped: true } };
      default:
        return { ok: false, error: `There is no tool "${name.slice(0, 50)}". There is: ${Object.keys(TOOLS).join(", ")}.` };
    }
  }

  private trade(side: "buy" | "sell", { symbol, quantity }: Record<string, unknown>): ToolAnswer {
    if (typeof symbol !== "string") return { ok: false, error: "symbol must be a text." };
    const price = this.market.prices.get(symbol);
    if (price === undefined) return { ok: false, error: `${symbol.slice(0, 30)} cannot be traded today. What can be: ${[...this.market.prices.keys()].slice(0, 50).join(", ")}.` };
    if (typeof quantity !== "number" || !Number.isSafeInteger(quantity) || quantity < 1) return { ok: false, error: "quantity must be a whole number of shares, 1 at the least." };
    if (this.actions.length >= MAX_ACTIONS) return { ok: false, error: `No more than ${MAX_ACTIONS} trades a day.` };
    const shares = BigInt(quantity);
    const held = this.holdings.get(symbol) ?? 0n;
    const amount = shares * price;
    if (side === "buy" && amount > this.cash) return { ok: false, error: `Not enough cash: ${quantity} ${symbol} cost ${printMicros(amount)}, you have ${printMicros(this.cash)}.` };
    if (side === "sell" && shares > held) return { ok: false, error: `Not enough shares: you hold ${held} ${symbol}.` };
    this.cash += side === "buy" ? -amount : amount;
    const left = side === "buy" ? held + shares : held - shares;
    if (left === 0n) this.holdings.delete(symbol);
    else this.holdings.set(symbol, left);
    this.actions.push({ type: side, symbol, quantity: String(quantity), price: printMicros(price), cash: printMicros(this.cash) });
    return { ok: true, value: { [side === "buy" ? "bought" : "sold"]: quantity, symbol, price: Number(price) / 1e6, cash: Number(this.cash) / 1e6 } };
  }

  get portfolio(): Portfolio {
    return { cash: this.cash, holdings: new Map(this.holdings) };
  }

  record(): SessionRecord {
    const actions: Action[] = this.actions.length > 0 ? this.actions : [{ type: "no_trade", symbol: null, quantity: "0", price: "0", cash: printMicros(this.cash) }];
    return { actions, said: this.said, tools: this.tools, steps: this.steps, summary: this.stopped ?? "" };
  }
}
