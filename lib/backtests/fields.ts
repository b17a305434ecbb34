/** What a backtest job is asked for, and the words it is told in. Isomorphic. */
import { z } from "zod";

/** The seed's five, and `cancelled` for a job that somebody stopped. */
export const JOB_STATUSES = ["pending", "running", "completed", "partial", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const DAY_STATUSES = ["pending", "running", "completed", "failed", "skipped", "cancelled"] as const;
export type DayStatus = (typeof DAY_STATUSES)[number];

/** One letter a model-day keeps what a page is sent small: a year of ten models is 2,500 of them. */
export const DAY_LETTERS: Record<DayStatus, string> = { pending: "p", running: "r", completed: "c", failed: "f", skipped: "s", cancelled: "x" };

/** The pipeline and its stage: a job is a run of it. */
export const BACKTEST = { pipeline: "backtest", stage: "simulate" } as const;

/** Calendar days that one job may span. A year of trading is 366 with both its ends. */
export const MAX_DAYS = 400;
export const MAX_MODELS = 50;
export const MAX_SYMBOLS = 200;
/** What a model that has no portfolio yet begins with, in the currency of the prices. */
export const STARTING_CASH = 10_000;
/** Turns of one session, at most. */
export const MAX_STEPS = 30;
/** The timeframe of daily prices among the candles. */
export const DAILY = "D1";
/** Asked again within these hours, the same dates are the same job. */
export const SAME_JOB_HOURS = 24;
/** Finished jobs older than this are deleted. */
export const KEEP_JOBS_DAYS = 30;
/** What `GET /results` shows when no date is said. */
export const LOOKBACK_DAYS = 30;

/** Strategies that decide with no network, the same every time. */
export const LOCAL_MODELS = {
  "buy-and-hold": "Spreads its cash over every symbol on the first day, then holds",
  "equal-weight": "Keeps every symbol at the same share of the portfolio",
  "momentum-5": "Holds what rose over 5 trading days",
  "momentum-20": "Holds what rose over 20 trading days",
  "mean-reversion-5": "Buys what fell furthest below its mean of 5 days, sells what is above it",
  "mean-reversion-20": "The same over 20 days",
  "breakout-20": "Buys at a high of 20 days, sells at a low of 10",
  "low-volatility": "Holds the half of the symbols that moved least over 20 days",
  "random": "Draws its trades from a generator seeded by its name and the date",
  "cash": "Never trades: what the others are measured against",
} as const;
export type LocalModel = keyof typeof LOCAL_MODELS;

export const isLocalModel = (name: string): name is LocalModel => Object.hasOwn(LOCAL_MODELS, name);

/** A configured model of an OpenAI-compatible endpoint is asked for by its name behind this. */
export const REMOTE_PREFIX = "ai:";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** A calendar date, strictly `YYYY-MM-DD`. */
export const isDate = (text: string): boolean => {
  if (!DATE.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
};
export const DateText = z.string().refine(isDate, "Invalid date format. Expected YYYY-MM-DD");

/** Names with commas between, as a form and the command line have them: each once, without blanks around it. */
export const splitNames = (text: string): string[] => [...new Set(text.split(",").map((part) => part.trim()).filter(Boolean))];

const names = (most: number, what: string) =>
  z.string().max(10_000).refine((text) => splitNames(text).length <= most, `no more than ${most} ${what}`).refine((text) => splitNames(text).every((name) => name.length <= 100), "a name has 100 characters at most").default("");
const date = z.string().refine((text) => text === "" || isDate(text), "Invalid date format. Expected YYYY-MM-DD").default("");

/** The parameters of the stage. Empty dates mean: from where the models stand, up to the last day with prices. */
export const SimulateParams = z.object({
  from: date.describe("First date, YYYY-MM-DD. Empty: the day after each model's last."),
  to: date.describe("Last date, YYYY-MM-DD. Empty: the last day with prices."),
  models: names(MAX_MODELS, "models").describe("Which models compete, with commas between. Empty: every local one."),
  symbols: names(MAX_SYMBOLS, "symbols").describe("Which symbols may be traded. Empty: every one with daily prices."),
  dates: z.string().max(10_000).refine((text) => splitNames(text).every(isDate), "Invalid date format. Expected YYYY-MM-DD").default("").describe("Only these of the dates, with commas between."),
  replaceExisting: z.boolean().default(false).describe("Simulate again what is simulated already; old results stay as history and count no more."),
  startingCash: z.number().min(1).max(1_000_000_000).default(STARTING_CASH).describe("What a model that has no portfolio yet begins with."),
});
export type SimulateParams = z.infer<typeof SimulateParams>;

export const ACTION_WORDS = { buy: "Buy", sell: "Sell", no_trade: "No trade" } as const;
export type ActionType = keyof typeof ACTION_WORDS;
