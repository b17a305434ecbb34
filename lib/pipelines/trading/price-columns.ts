/** What the columns of a price file are called, and how its times are written. Pure. */
import { z } from "zod";

export const COLUMNS = {
  at: ["date", "datetime", "timestamp", "time", "opentime", "datetimeutc", "localtime", "gmttime", "begin"],
  time: ["time", "hour"],
  open: ["open", "o", "openprice"],
  high: ["high", "h", "highprice", "max"],
  low: ["low", "l", "lowprice", "min"],
  close: ["close", "c", "closeprice", "closelast", "last", "price"],
  volume: ["volume", "vol", "v", "tickvol", "tickvolume"],
  symbol: ["symbol", "ticker", "instrument", "pair", "name"],
  timeframe: ["timeframe", "tf", "interval", "period"],
} as const;
export type ColumnName = keyof typeof COLUMNS;
export type Columns = Partial<Record<ColumnName, number>>;
const WANTED = ["at", "open", "high", "low", "close"] as const;

const spell = (header: string): string => header.toLowerCase().replace(/[^a-z]/g, "");

/** Where each column stands by its header (`<DATE>`, `Adj Close`, `open_time`), and which of those that must be there are not. */
export function findColumns(headers: string[]): { columns: Columns; missing: string[] } {
  const spelled = headers.map(spell);
  const columns: Columns = {};
  for (const [name, spellings] of Object.entries(COLUMNS) as [ColumnName, readonly string[]][]) {
    if (name === "time") continue;
    const found = spellings.map((spelling) => spelled.indexOf(spelling)).find((at) => at >= 0);
    if (found !== undefined) columns[name] = found;
  }
  // `<DATE> <TIME>`: a time of its own beside the date.
  const time = spelled.findIndex((header, index) => index !== columns.at && (COLUMNS.time as readonly string[]).includes(header));
  if (time >= 0 && columns.at !== undefined && spelled[columns.at] === "date") columns.time = time;
  // Where both are told, brokers of currencies fill in the number of ticks, and leave the volume at 0.
  const ticks = spelled.findIndex((header) => header === "tickvol" || header === "tickvolume");
  if (ticks >= 0) columns.volume = ticks;
  return { columns, missing: WANTED.filter((name) => columns[name] === undefined) };
}

export const DATE_ORDERS = ["mdy", "dmy"] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];
export type ReadTime = { at: Date } | { reason: string };

const ISO = /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[T ]+(.+))?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2}):?(\d{2}):?(\d{2})?)?$/;
const SLASHED = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ ]+(.+))?$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
/** Below this a whole number of digits is a compact date, not an epoch. */
const EPOCH = /^\d{9,19}(\.\d+)?$/;

/**
 * A time as price files write it: ISO, `2024.01.31`, `20240131 1600`, the epoch in s, ms, µs or ns, and `01/31/2024` once
 * `order` says which comes first. UTC where no zone is said.
 */
export function readTime(text: string, time: string | undefined, order: DateOrder | undefined): ReadTime {
  const said = text.trim();
  if (said === "") return { reason: "has no date" };
  if (EPOCH.test(said) && !/^(19|20)\d{6}(\d{4}|\d{6})?$/.test(said)) return fromEpoch(said);
  const compact = COMPACT.exec(said);
  if (compact) return build(compact[1], compact[2], compact[3], time ?? (compact[4] ? `${compact[4]}:${compact[5]}:${compact[6] ?? "00"}` : undefined), said);
  const iso = ISO.exec(said);
  if (iso) return build(iso[1], iso[2], iso[3], iso[4] ?? time, said);
  const slashed = SLASHED.exec(said);
  if (slashed) {
    if (!order) return { reason: `"${said}" may be month or day first: say which with --dates mdy or --dates dmy` };
    const [month, day] = order === "mdy" ? [slashed[1], slashed[2]] : [slashed[2], slashed[1]];
    return build(slashed[3], month, day, slashed[4] ?? time, said);
  }
  return { reason: `"${said.slice(0, 40)}" is no date that is known here` };
}

function fromEpoch(said: string): ReadTime {
  const value = Number(said);
  const digits = said.split(".")[0]?.length ?? 0;
  return { at: new Date(digits <= 10 ? value * 1_000 : digits <= 13 ? value : digits <= 16 ? value / 1_000 : value / 1_000_000) };
}

function build(year = "", month = "", day = "", clock: string | undefined, said: string): ReadTime {
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const made = new Date(date);
  if (made.getUTCMonth() !== Number(month) - 1 || made.getUTCDate() !== Number(day)) return { reason: `"${said.slice(0, 40)}" is no day of the calendar` };
  if (clock === undefined || clock.trim() === "") return { at: made };
  const digits = /^(\d{2})(\d{2})(\d{2})?$/.exec(clock.trim());
  const parsed = CLOCK.exec(digits ? `${digits[1]}:${digits[2]}:${digits[3] ?? "00"}` : clock.trim());
  if (!parsed || Number(parsed[1]) > 23 || Number(parsed[2]) > 59 || Number(parsed[3] ?? 0) > 59) return { reason: `"${clock.slice(0, 40)}" is no time of day` };
  const [, hours, minutes, seconds = "0", zone = "Z"] = parsed;
  return { at: new Date(date + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 - offsetMs(zone)) };
}

function offsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0;
}

/** A symbol as it is kept: in capitals. */
export const SymbolName = z.string().trim().min(1).max(20).regex(/^[A-Za-z0-9._^=-]+$/, "may hold letters, digits and . _ - ^ = only").transform((name) => name.toUpperCase());
