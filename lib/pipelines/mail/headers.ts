/**
 * The header block of a message, read as leniently as mail programs do: nothing in here throws, whatever the bytes.
 * Grammar: RFC 5322 (fields, folding, addresses, dates), RFC 2047 (encoded words).
 */
import { addressParser, decodeWords as decodePostal } from "postal-mime";

export type Headers = {
  /** The first field of that name, unfolded, RFC 2047 words still encoded. */
  get(name: string): string | undefined;
  /** All fields of that name, topmost first. */
  getAll(name: string): string[];
  has(name: string): boolean;
};

export type Address = { name: string | null; address: string | null };

/** Beyond this much a block holds no mail header that anyone reads. */
const MAX_BLOCK_BYTES = 1_048_576;
const MAX_FIELDS = 2_000;
const MAX_VALUE_CHARS = 65_536;
const MAX_ADDRESSES = 1_000;
const MAX_MESSAGE_IDS = 1_000;

const FIELD = /^([!-9;-~]{1,200})[ \t]*:(.*)$/s;

/** Splits a block into fields. Lines that are no field (an mbox "From " line, rubbish) are passed over. */
export function parseHeaders(block: Uint8Array): Headers {
  const fields = new Map<string, string[]>();
  const bytes = Buffer.from(block.buffer, block.byteOffset, Math.min(block.byteLength, MAX_BLOCK_BYTES));
  let current: { name: string; parts: string[]; chars: number } | null = null;
  let count = 0;
  const finish = () => {
    if (!current) return;
    const value = decodeBytes(current.parts.join("")).trim();
    const list = fields.get(current.name);
    if (list) list.push(value);
    else fields.set(current.name, [value]);
    current = null;
  };
  for (const line of bytes.toString("latin1").split(/\r\n|\n|\r/)) {
    if (line === "" && (current || count > 0)) break;
    if (current && /^[ \t]/.test(line)) {
      if (current.chars < MAX_VALUE_CHARS) current.parts.push(line.slice(0, MAX_VALUE_CHARS));
      current.chars += line.length;
      continue;
    }
    finish();
    const field = FIELD.exec(line);
    if (!field) continue;
    if (count >= MAX_FIELDS) break;
    count += 1;
    const [, name = "", value = ""] = field;
    current = { name: name.toLowerCase(), parts: [value.slice(0, MAX_VALUE_CHARS)], chars: value.length };
  }
  finish();
  return {
    get: (name) => fields.get(name.toLowerCase())?.[0],
    getAll: (name) => fields.get(name.toLowerCase()) ?? [],
    has: (name) => fields.has(name.toLowerCase()),
  };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const WINDOWS_1252 = new TextDecoder("windows-1252");

/** Field by field, since a relay's own field may be in another charset than the sender's. */
function decodeBytes(latin1: string): string {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, "latin1");
  try {
    return UTF8.decode(bytes);
  } catch {
    return WINDOWS_1252.decode(bytes);
  }
}

/** RFC 2047: `=?utf-8?q?Gr=C3=BC=C3=9Fe?=` becomes `Grüße`; unknown charsets are read as windows-1252. */
export function decodeWords(text: string): string {
  if (!text.includes("=?")) return text;
  try {
    return decodePostal(text.slice(0, MAX_VALUE_CHARS));
  } catch {
    return text;
  }
}

/** The first mailbox with a readable address, else the first name. */
export function parseAddress(value: string | undefined): Address {
  const all = readAddresses(value);
  return all.find(({ address }) => address) ?? all[0] ?? { name: null, address: null };
}

/** The mailboxes with a readable address, groups opened, each address once. */
export function parseAddressList(value: string | undefined): { name: string | null; address: string }[] {
  const found = new Map<string, { name: string | null; address: string }>();
  for (const { name, address } of readAddresses(value)) {
    if (address && !found.has(address)) found.set(address, { name, address });
  }
  return [...found.values()];
}

function readAddresses(value: string | undefined): Address[] {
  if (!value) return [];
  try {
    return addressParser(value.slice(0, MAX_VALUE_CHARS), { flatten: true })
      .slice(0, MAX_ADDRESSES)
      .map((found) => readMailbox(found.name ?? "", found.address ?? ""))
      .filter(({ name, address }) => name !== null || address !== null);
  } catch {
    return [];
  }
}

const READABLE = /^[^\s<>()[\]\\,;:"@]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?$/u;

/** Lower case throughout: no server of note tells Anna@ from anna@, and senders are grouped by it. */
function readMailbox(rawName: string, rawAddress: string): Address {
  const bare = decodeWords(rawAddress).trim().replace(/^(?:mailto:|smtp:|')+|[.'>]+$/gi, "").toLowerCase();
  const quoted = /^"((?:[^"\\]|\\.){1,62})"(@.+)$/.exec(bare);
  const address = bare.length <= 254 && READABLE.test(quoted ? `q${quoted[2]}` : bare) ? bare : null;
  const name = rawName.replace(/[\x00-\x20\x7f]+/g, " ").replace(/^[\s"'<>]+|[\s"'<>]+$/g, "").slice(0, 200).trim();
  return { name: name === "" || name.toLowerCase() === address ? null : name, address };
}

/** The ids of Message-ID, In-Reply-To and References, without angle brackets, in order, each once. */
export function parseMessageIds(value: string | undefined): string[] {
  if (!value) return [];
  const text = value.slice(0, MAX_VALUE_CHARS);
  const bracketed = [...text.matchAll(/<([^<>]{1,998})>/g)].map(([, id = ""]) => id.replace(/\s+/g, ""));
  // Some senders leave the brackets out; then only what looks like an id counts.
  const ids = bracketed.length > 0 ? bracketed : text.split(/[\s,<>]+/).filter((id) => id.length <= 998 && /.@./.test(id));
  return [...new Set(ids)].filter((id) => id !== "").slice(0, MAX_MESSAGE_IDS);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** Minutes from UTC of the names of RFC 5322 section 4.3 and of those commonly met besides; any other name is UTC. */
const ZONES: Record<string, number> = { est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420, cet: 60, cest: 120, met: 60, mest: 120, eet: 120, eest: 180, bst: 60, ist: 330, jst: 540 };
const TWO_DAYS_MS = 2 * 86_400_000;

/**
 * A Date header, also in the obsolete forms and as asctime or ISO 8601 write it. A date without zone is UTC,
 * so that the result never depends on this machine. Null outside 1980 … two days from `now`.
 */
export function parseDate(value: string | undefined, now: Date = new Date()): Date | null {
  if (!value) return null;
  const text = value.slice(0, 200).replace(/\([^()]*\)/g, " ").replace(/\s+/g, " ").trim();
  const ms = readRfcDate(text) ?? readAsctime(text) ?? readIsoDate(text);
  if (ms === null || ms < Date.UTC(1980, 0, 1) || ms > now.getTime() + TWO_DAYS_MS) return null;
  return new Date(ms);
}

function readRfcDate(text: string): number | null {
  const found = /(?:^|[\s,])(\d{1,2})[ -]([a-z]{3})[a-z]*\.?[ -](\d{2,4}),? (\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?(?: ?([ap])\.?m\b\.?)? ?(.*)$/i.exec(text);
  if (!found) return null;
  const [, day, month, year, hour, minute, second, half, zone = ""] = found;
  return toMs(readYear(year ?? ""), month ?? "", Number(day), readHour(Number(hour), half), Number(minute), Number(second ?? 0), readZone(zone));
}

function readAsctime(text: string): number | null {
  const found = /([a-z]{3})[a-z]* (\d{1,2}),? (\d{1,2}):(\d{2}):(\d{2}) ([a-z]+ |[+-]\d{4} )?(\d{4})/i.exec(text);
  if (!found) return null;
  const [, month, day, hour, minute, second, zone = "", year] = found;
  return toMs(Number(year), month ?? "", Number(day), Number(hour), Number(minute), Number(second), readZone(zone));
}

function readIsoDate(text: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)? ?(.*)$/i.exec(text);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, zone = ""] = found;
  return toMs(Number(year), MONTHS[Number(month) - 1] ?? "", Number(day), Number(hour), Number(minute), Number(second ?? 0), readZone(zone));
}

const readHour = (hour: number, half: string | undefined) => (half ? (hour % 12) + (/p/i.test(half) ? 12 : 0) : hour);

/** RFC 5322 section 4.3: two digits are 1950-2049, three count from 1900. */
function readYear(year: string): number {
  const number = Number(year);
  if (year.length >= 4) return number;
  return year.length === 2 && number < 50 ? 2000 + number : 1900 + number;
}

function readZone(zone: string): number {
  const offset = /([+-])(\d{1,2}):?(\d{2})?(?!\d)/.exec(zone);
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    return minutes > 14 * 60 ? 0 : minutes * (offset[1] === "-" ? -1 : 1);
  }
  return ZONES[zone.trim().toLowerCase()] ?? 0;
}

function toMs(year: number, monthName: string, day: number, hour: number, minute: number, second: number, zoneMinutes: number): number | null {
  const month = MONTHS.indexOf(monthName.slice(0, 3).toLowerCase());
  if (month < 0 || day < 1 || hour > 23 || minute > 59 || second > 60) return null;
  if (day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return null;
  return Date.UTC(year, month, day, hour, minute, second) - zoneMinutes * 60_000;
}
