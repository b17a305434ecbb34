/** The demo's trading desk: a signal for one symbol, and the care of open positions, agent by agent. Nothing is ever traded. */
import type { Draw } from "#lib/draw";
import { FAULTS, type FaultName, PROVIDER, TIMEOUT_MS } from "./faults.ts";
import { MODELS, SYMBOLS, type Ticker, some } from "./people.ts";
import { agentPrompt } from "./prompts.ts";
import { around, type Json } from "./run.ts";
import type { RunWriter, UnitWriter } from "./writer.ts";

const CONFIDENCE_THRESHOLD = 0.7;

type Told = { account: string; fault: FaultName | null };

/** What a signal run decided; `hold` when it decided to do nothing. */
export type Decision = { outcome: string; hold: boolean } | null;

/** One signal: data, indicators, three analysts, a decision, gates, a paper order. A fault ends it where it strikes. */
export function workSignal(writer: RunWriter, symbol: Ticker, { account, fault }: Told): Decision {
  const { draw } = writer;
  writer.plan(around(draw, 5, 0.4), { items: 1, output: { units: 1, waves: 1, items: 1 } });
  const unit = writer.unit(`${symbol} M15`, { symbol, timeframe: "M15", account }, 1);
  unit.about("symbol", symbol);
  unit.about("account", account);
  const digits = SYMBOLS[symbol] < 10 ? 4 : 1;
  const price = round(SYMBOLS[symbol] * (0.98 + draw.next() * 0.04), digits);
  const market = { symbol, timeframe: "M15" };
  unit.step("account_loaded", around(draw, 6, 0.4), { output: { name: account, auto_trade_enabled: true, max_lot_size: 0.1 } });
  unit.step("kill_switch_check", around(draw, 3, 0.4), { output: { active: false } });
  if (fault === "noCandles") return fail(unit, "ohlcv_fetch", 9_000, fault, market);
  unit.step("ohlcv_fetch", around(draw, 180, 0.5), { input: market, output: { source: draw.pick(["cache", "feed"]), candle_count: 300, current_price: price } });
  unit.step("indicators_computed", around(draw, 24, 0.3), { output: { rsi_14: round(28 + draw.next() * 46, 1), sma_20: round(price * 0.998, digits), ema_50: round(price * 0.995, digits), atr_14: round(price * 0.0021, digits), macd_histogram: round((draw.next() - 0.5) * 2, 3) } });
  unit.step("positions_fetched", around(draw, 14, 0.4), { output: { count: draw.integer(0, 3) } });

  const lean = draw.pick(["bullish", "bearish", "neutral"]);
  const agents: [role: string, answer: Json][] = [
    ["indicator_agent", { overall: lean, confidence: draw.pick(["low", "medium", "high"]) }],
    ["pattern_agent", { pattern: draw.pick(["flag", "double bottom", "none", "wedge"]), bias: lean, confidence: round(0.4 + draw.next() * 0.5, 2) }],
    ["trend_agent", { trend_prediction: { bullish: "upward", bearish: "downward", neutral: "sideways" }[lean] ?? "sideways", confidence: draw.pick(["low", "medium", "high"]) }],
  ];
  for (const [role, value] of agents) {
    // What is down is met by the first who asks.
    if (fault && fault !== "orderRefused" && fault !== "badAnswer") return refuse(unit, role, symbol, fault);
    unit.ask(`${role}_llm`, around(draw, 2_400, 0.35), question(role, symbol, price), { value, inputTokens: draw.integer(900, 1_700), outputTokens: draw.integer(60, 180) }, { input: market });
  }
  if (fault === "badAnswer") return refuse(unit, "execution_decision", symbol, fault);

  const wanted = lean === "bullish" ? "BUY" : lean === "bearish" ? "SELL" : "HOLD";
  const confidence = round(0.6 + draw.next() * 0.35, 2);
  const outcome = confidence < CONFIDENCE_THRESHOLD ? "HOLD" : wanted;
  unit.ask("execution_decision_llm", around(draw, 4_200, 0.35), question("execution_decision", symbol, price), {
    value: { signal: wanted, confidence, justification: `Two of three analysts are ${lean} on ${symbol}.`, risk_reward_ratio: round(1.2 + draw.next() * 1.6, 1) },
    inputTokens: draw.integer(1_400, 2_400), outputTokens: draw.integer(120, 260),
  }, { input: market });
  unit.step("confidence_gate", around(draw, 3, 0.3), { input: { confidence, threshold: CONFIDENCE_THRESHOLD }, output: { action_before: wanted, action_after: outcome } });
  unit.step("journal_saved", around(draw, 11, 0.4), { output: { signal: outcome } });
  if (outcome === "HOLD") unit.skip("order_built", "The decision is to hold");
  else {
    const risk = price * 0.004 * (outcome === "BUY" ? 1 : -1);
    unit.step("lot_size_calculated", around(draw, 5, 0.3), { output: { effective_lot_size: 0.05, risk_pct: 0.01 } });
    unit.step("order_built", around(draw, 4, 0.3), { output: { action: outcome, volume: 0.05, entry: price, sl: round(price - risk, digits), tp: round(price + 2 * risk, digits) } });
    if (fault === "orderRefused") return fail(unit, "paper_order", 640, fault, { action: outcome });
    unit.step("paper_order", around(draw, 210, 0.4), { output: { success: true, ticket: draw.integer(700_000, 799_999), paper_trade: true } });
  }
  unit.log(`${symbol}: ${outcome} at ${price}, confidence ${confidence}`);
  unit.done();
  unit.end({ output: { action: outcome, confidence } });
  return { outcome, hold: outcome === "HOLD" };
}

/** Every open position looked at: closed, moved or left alone. A position whose step fails does not stop the others. */
export function workMaintenance(writer: RunWriter, { account, fault }: Told): Decision {
  const { draw } = writer;
  const symbols = some(draw, Object.keys(SYMBOLS) as Ticker[], draw.integer(1, 4));
  writer.plan(around(draw, 5, 0.4), { items: symbols.length, output: { units: symbols.length, waves: 1, items: symbols.length } });
  const actions = symbols.map((symbol, index) => {
    const hit = fault && (fault !== "orderRefused" || index === 0) ? fault : null;
    const price = SYMBOLS[symbol];
    const unit = writer.unit(`${symbol} position`, { symbol, account, ticket: draw.integer(700_000, 799_999) }, 1);
    unit.about("symbol", symbol);
    unit.about("account", account);
    unit.step("context_built", around(draw, 32, 0.4), { output: { hours_open: draw.integer(1, 60), pnl: round((draw.next() - 0.45) * 180, 2) } });
    if (hit && hit !== "orderRefused") return refuse(unit, "maintenance_technical", symbol, hit);
    unit.ask("maintenance_technical", around(draw, 2_100, 0.35), question("maintenance_technical", symbol, price), { value: { trend: draw.pick(["up", "down", "flat"]), technical_score: round(draw.next() * 2 - 1, 2) }, inputTokens: draw.integer(700, 1_300), outputTokens: draw.integer(50, 120) });
    const action = hit ? "CLOSE" : draw.chance(0.7) ? "HOLD" : draw.pick(["MODIFY", "CLOSE"]);
    unit.ask("maintenance_decision", around(draw, 3_200, 0.35), question("maintenance_decision", symbol, price), { value: { action, confidence: round(0.6 + draw.next() * 0.35, 2) }, inputTokens: draw.integer(900, 1_600), outputTokens: draw.integer(60, 140) });
    if (hit) return fail(unit, "paper_close", 540, hit, { action });
    if (action === "HOLD") unit.skip("paper_modify", "The position is left as it is");
    else unit.step(action === "CLOSE" ? "paper_close" : "paper_modify", around(draw, 190, 0.4), { output: { success: true } });
    unit.done();
    unit.end({ output: { action } });
    return action;
  });
  const [only] = actions;
  return actions.length === 1 && typeof only === "string" ? { outcome: only, hold: false } : null;
}

/** The unit ends with a step that failed. */
function fail(unit: UnitWriter, step: string, ms: number, fault: FaultName, input: Json): null {
  unit.step(step, ms, { input, fault: FAULTS[fault] });
  unit.log(`${step}: ${FAULTS[fault].message}`, "error");
  unit.end({ fault: FAULTS[fault] });
  return null;
}

/** The unit ends with a question that got no usable answer. */
function refuse(unit: UnitWriter, role: string, symbol: Ticker, fault: FaultName): null {
  const ms = fault === "timeout" ? TIMEOUT_MS : 420;
  unit.ask(role.startsWith("maintenance") ? role : `${role}_llm`, ms, question(role, symbol, SYMBOLS[symbol]), { value: null, inputTokens: 0, outputTokens: 0 }, { input: { symbol }, fault: FAULTS[fault] });
  unit.log(`${role}: ${FAULTS[fault].message}`, "error");
  unit.end({ fault: FAULTS[fault] });
  return null;
}

const question = (role: string, symbol: string, price: number) => ({
  provider: PROVIDER,
  model: role.endsWith("decision") ? MODELS.decision : MODELS.small,
  subject: symbol,
  template: agentPrompt(role),
  given: { symbol, price },
});

/** A number with so many decimals. */
export const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** What the signals' configuration says of who answered. */
export const tradingSnapshot = (draw: Draw): Json => ({ provider: PROVIDER, model: MODELS.small, decision_model: MODELS.decision, strategy: draw.pick(["trend-follow", "mean-revert"]) });
