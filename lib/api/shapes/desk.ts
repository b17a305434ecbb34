/** The trading desk and imports, as answers have them. */
import { z } from "zod";
import { type ImportNewsResult, IMPACTS } from "#lib/pipelines/trading/import-news";
import type { NewsRow } from "#lib/pipelines/trading/lists";
import { Count, Id, type Printed, Text, When } from "./basics.ts";

const Money = z.number().nullable();
export const JournalEntry = z
  .looseObject({ id: Id, accountId: Id, account: Text, symbol: Text, timeframe: Text, signal: Text, confidence: z.number(), rationale: Text, provider: Text, model: Text, strategy: Text.nullable(), tradeId: Id.nullable(), runId: Id.nullable(), createdAt: When })
  .meta({ id: "JournalEntry", examples: [{ id: 31, accountId: 1, account: "Paper desk", symbol: "EURUSD", timeframe: "M15", signal: "BUY", confidence: 0.74, rationale: "Trend and momentum agree.", provider: "local", model: "local", strategy: null, tradeId: 9, runId: 1042, createdAt: "2026-03-02T09:15:00.000Z" }] });
export const Trade = z
  .looseObject({ id: Id, ticket: z.number(), accountId: Id, account: Text, symbol: Text, direction: Text, volume: z.number(), entryPrice: z.number(), stopLoss: Money, takeProfit: Money, closePrice: Money, profit: Money, unrealised: Money, openedAt: When, closedAt: When.nullable(), orderStatus: Text, runIds: z.array(Id) })
  .meta({ id: "Trade", examples: [{ id: 9, ticket: 7001, accountId: 1, account: "Paper desk", symbol: "EURUSD", direction: "BUY", volume: 0.1, entryPrice: 1.0812, stopLoss: 1.0792, takeProfit: 1.0852, closePrice: null, profit: null, unrealised: 12.5, openedAt: "2026-03-02T09:15:01.000Z", closedAt: null, orderStatus: "filled", runIds: [1042] }] });
export const Account = z
  .looseObject({ id: Id, name: Text, broker: Text, isLive: z.boolean(), isActive: z.boolean(), balance: z.number(), openTrades: Count, strategies: z.array(Text) })
  .meta({ id: "Account", examples: [{ id: 1, name: "Paper desk", broker: "paper", isLive: false, isActive: true, balance: 10_120.5, openTrades: 1, strategies: [] }] });
export const Strategy = z
  .looseObject({ id: Id, name: Text, strategyType: Text, executionMode: Text, primaryTf: Text, symbols: z.array(Text), isActive: z.boolean(), accounts: z.array(Text) })
  .meta({ id: "Strategy", examples: [{ id: 2, name: "Momentum", strategyType: "config", executionMode: "multi_agent", primaryTf: "M15", symbols: ["EURUSD"], isActive: true, accounts: ["Paper desk"] }] });
export const News = z
  .object({ id: Id, symbol: Text, at: When, title: Text, impact: z.enum(IMPACTS), source: Text })
  .meta({ id: "Headline", examples: [{ id: 5, symbol: "EURUSD", at: "2026-03-02T08:30:00.000Z", title: "Inflation above what was expected", impact: "high", source: "Agency" }] }) satisfies z.ZodType<Printed<NewsRow>>;
export const KillSwitch = z
  .looseObject({ isActive: z.boolean(), reason: Text.nullable(), changedBy: Text.nullable(), changedAt: When.nullable() })
  .meta({ id: "KillSwitch", examples: [{ isActive: false, reason: null, changedBy: null, changedAt: null, turns: [] }] });
export const Agents = z
  .looseObject({ agent_pipeline: z.boolean(), indicator_agent: z.boolean(), pattern_agent: z.boolean(), trend_agent: z.boolean() })
  .meta({ id: "AgentSwitches", description: "Which agents take part.", examples: [{ agent_pipeline: true, indicator_agent: true, pattern_agent: true, trend_agent: true }] });

export const Import = z
  .looseObject({ id: Id, name: Text, status: z.enum(["running", "completed", "failed"]), bytes: Count, messages: Count, duplicates: Count, problems: Count, error: Text.nullable(), createdAt: When, completedAt: When.nullable() })
  .meta({ id: "MailImport", examples: [{ id: 2, name: "archive.mbox", status: "completed", bytes: 1_240_118, messages: 1_203, duplicates: 0, problems: 3, error: null, createdAt: "2026-03-01T10:00:00.000Z", completedAt: "2026-03-01T10:00:04.000Z" }] });
export const Imported = z
  .looseObject({ importId: Id, name: Text, bytes: Count, messages: Count, duplicates: Count, problems: Count })
  .meta({ id: "MailImported", description: "`messages` are the new ones.", examples: [{ importId: 2, name: "archive.mbox", bytes: 1_240_118, messages: 1_203, duplicates: 0, problems: 3, problemSamples: [] }] });
export const PricesImported = z
  .looseObject({ name: Text, bytes: Count, bars: Count, changed: Count, known: Count, problems: Count, warnings: Count, series: z.array(z.looseObject({ symbol: Text, bars: Count })) })
  .meta({ id: "PricesImported", description: "`bars` are new, `changed` were here with other figures, `known` as they are.", examples: [{ name: "EURUSD_M15.csv", bytes: 51_200, bars: 960, changed: 0, known: 0, problems: 0, warnings: 0, problemSamples: [], warningSamples: [], series: [] }] });
export const NewsImported = z
  .object({ name: Text, events: Count, known: Count, problems: Count, problemSamples: z.array(z.object({ line: Count, reason: Text })) })
  .meta({ id: "NewsImported", description: "`events` are new, `known` were here; `problemSamples` are the first bad lines.", examples: [{ name: "headlines.csv", events: 120, known: 3, problems: 1, problemSamples: [{ line: 9, reason: "title is missing" }] }] }) satisfies z.ZodType<ImportNewsResult>;
export const SampleDesk = z.looseObject({ accountId: Id, bars: Count, symbols: z.array(Text), lastDay: When }).meta({ id: "SampleDesk", examples: [{ accountId: 1, bars: 23_040, symbols: ["EURUSD"], lastDay: "2026-03-01T00:00:00.000Z" }] });
