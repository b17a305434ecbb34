/** Who and what the demo's runs are about. Every domain ends in `.example`, which belongs to nobody (RFC 2606). */
import type { Draw } from "#lib/draw";

export const PEOPLE = ["mara.lind", "tomas.novak", "ines.ferreira"] as const;
/** The schedules, by the name that their runs carry. */
export const SCHEDULES = { nightly: "nightly", signals: "market-hours", positions: "hourly-positions" } as const;
export const INGEST = "mailbox";
export const PROGRAM = "research-notebook";

const FIRST = ["northwind", "daybreak", "harbour", "kestrel", "lumen", "fieldstone", "orchard", "tidewater", "copper", "alder", "meridian", "saltbox"];
const SECOND = ["press", "logistics", "bank", "travel", "software", "energy"];
/** Senders of the demo's mail. */
export const DOMAINS = FIRST.flatMap((first) => SECOND.map((second) => `${first}-${second}.example`)).toSorted();

export const SYMBOLS = { XAUUSD: 2_412, EURUSD: 1.0874, GBPJPY: 197.3, US500: 5_468, BTCUSD: 64_250 } as const;
export type Ticker = keyof typeof SYMBOLS;
/** The only one that is traded at weekends. */
export const WEEKEND_SYMBOL: Ticker = "BTCUSD";
export const ACCOUNTS = ["paper-eur", "paper-usd"] as const;

export const MODELS = { small: "openai/gpt-4.1-mini", large: "openai/gpt-4.1", decision: "anthropic/claude-sonnet-4-5", other: "google/gemini-2.5-pro" } as const;

export const TEAMS: Record<string, string> = { mail: "growth", trading: "desk", backtest: "research" };
/** What the incident's failures are filed under. */
export const INCIDENT_TICKET = "OPS-1412";

const NOTES = {
  failed: ["looked into it, provider side", "same as last week, retried", "told the provider", "harmless, retry is enough"],
  partial: ["the failed ones are old attachments", "good enough for the report", "rest picked up by the nightly run"],
  cancelled: ["started with the wrong batch size", "made room for the nightly run", "wrong dates, started again"],
  completed: ["numbers used in the board deck", "first run with the new prompt", "compare with last week"],
} as const;

/** What a person might write beside a run that ended so; null where people seldom write anything. */
export const noteOn = (draw: Draw, status: string): string | null => (status in NOTES ? draw.pick(NOTES[status as keyof typeof NOTES]) : null);

/** `count` different members of the list, in its order. */
export function some<T>(draw: Draw, list: readonly T[], count: number): T[] {
  let left = Math.min(count, list.length);
  return list.filter((_, index) => {
    const taken = left > 0 && draw.next() < left / (list.length - index);
    if (taken) left -= 1;
    return taken;
  });
}
