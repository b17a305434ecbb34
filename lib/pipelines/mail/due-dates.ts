/** Dates in text, and what happens on them. */

export type DueDate = { value: string; /** YYYY-MM-DD */ onDate: string; /** renewal, expiration, deadline, with ":future" after the message's own date; null without such a word. */ relationship: string | null };

const MONTHS: Record<string, number> = {};
for (const [index, names] of ["january jan januar janvier janv enero", "february feb februar février févr febrero", "march mar märz maerz mars marzo", "april apr avril abril", "may mai mayo", "june jun juni juin junio", "july jul juli juillet juil julio", "august aug août agosto", "september sep sept septembre septiembre", "october oct oktober okt octobre octubre", "november nov novembre noviembre", "december dec dezember dez décembre déc diciembre dic"].entries()) {
  for (const name of names.split(" ")) MONTHS[name] = index + 1;
}
const MONTH = `(${Object.keys(MONTHS).sort((a, b) => b.length - a.length).join("|")})`;
const ISO = /(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])/g;
const DOTTED = /(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\.?\d)/g;
const SLASHED = /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{4})(?![\d/])/g;
const MONTH_FIRST = new RegExp(String.raw`(?<!\p{L})${MONTH}\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?(?![\d:])`, "giu");
const DAY_FIRST = new RegExp(String.raw`(?<![\d.])(\d{1,2})(?:\.|st|nd|rd|th)? (?:of |de )?${MONTH}\.?(?:,? (?:de )?(\d{4}))?(?![\p{L}\d:])`, "giu");

const MEANINGS: [string, RegExp][] = [
  ["renewal", /renew|auto-?renew|verl[äa]nger|renouvel|renov/i],
  ["expiration", /expir|valid (?:until|through|till)|l[äa]uft .{0,20}ab|ablauf|g[üu]ltig bis|ends? on|termin(?:ates|ation)|échéance|caduc|vence/i],
  ["deadline", /deadline|\bdue\b|no later than|\bby\b|\bbefore\b|\buntil\b|submit|respond by|\bbis (?:zum|sp[äa]testens)?|frist|f[äa]llig|date limite|avant le|fecha l[íi]mite|antes del/i],
];

/** @param sentAt the message's own date: the year of "June 30" is the one that brings it closest after it, and "future" is later than it */
export function findDates(text: string, sentAt: Date | null): DueDate[] {
  const found = new Map<string, DueDate>();
  const add = (match: RegExpExecArray, year: string | undefined, month: number | undefined, day: string | undefined) => {
    const onDate = resolve(year ? Number(year) : null, month ?? 0, Number(day), sentAt);
    const value = match[0].replace(/\s+/g, " ").trim();
    if (!onDate || found.has(value)) return;
    const meaning = meaningOf(text, match.index, match[0].length);
    const isFuture = sentAt !== null && onDate > sentAt.toISOString().slice(0, 10);
    found.set(value, { value, onDate, relationship: meaning && isFuture ? `${meaning}:future` : meaning });
  };
  for (const match of text.matchAll(ISO)) add(match, match[1], Number(match[2]), match[3]);
  for (const match of text.matchAll(DOTTED)) add(match, match[3], Number(match[2]), match[1]);
  // 13/06/2030 can only be a day first; 06/07/2030 is read as in the United States.
  for (const match of text.matchAll(SLASHED)) add(match, match[3], Number(match[Number(match[1]) > 12 ? 2 : 1]), match[Number(match[1]) > 12 ? 1 : 2]);
  for (const match of text.matchAll(MONTH_FIRST)) add(match, match[3], MONTHS[(match[1] ?? "").toLowerCase()], match[2]);
  for (const match of text.matchAll(DAY_FIRST)) add(match, match[3], MONTHS[(match[2] ?? "").toLowerCase()], match[1]);
  return [...found.values()];
}

/** The nearest such word before the date in its sentence, else the first after it. */
function meaningOf(text: string, at: number, length: number): string | null {
  const before = text.slice(Math.max(0, at - 80), at).split(/[.!?]\s|\n\n/).at(-1) ?? "";
  const after = text.slice(at + length, at + length + 40).split(/[.!?]\s|\n/)[0] ?? "";
  const places = MEANINGS.flatMap(([meaning, pattern]) => [...before.matchAll(new RegExp(pattern, "gi"))].map(({ index }) => ({ meaning, index })));
  // "renews by June 30": what happens counts for more than the little word beside the date.
  const strong = places.filter(({ meaning }) => meaning !== "deadline").at(-1) ?? places.at(-1);
  return strong?.meaning ?? MEANINGS.find(([, pattern]) => pattern.test(after))?.[0] ?? null;
}

function resolve(year: number | null, month: number, day: number, sentAt: Date | null): string | null {
  if (year === null) {
    if (!sentAt) return null;
    const own = format(sentAt.getUTCFullYear(), month, day);
    return own && own < sentAt.toISOString().slice(0, 10) ? format(sentAt.getUTCFullYear() + 1, month, day) : own;
  }
  return year >= 1950 && year <= 2100 ? format(year, month, day) : null;
}

function format(year: number, month: number, day: number): string | null {
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null;
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
