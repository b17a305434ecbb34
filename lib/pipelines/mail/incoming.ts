/** What import takes from a raw message, and what it finds wrong with it. Everything else is the metadata stage's. */
import { decodeWords, parseAddress, parseDate, parseHeaders, parseMessageIds } from "./headers.ts";
import { KEPT_BYTES, MAX_HEADER_BYTES, type RawMessage } from "./raw-message.ts";
import { storable } from "#lib/db/storable";

/** Index entries hold 2,704 bytes at most; a character has up to four. */
const MAX_KEY_CHARS = 500;
const MAX_SUBJECT_CHARS = 2_000;
const MAX_QUOTED_CHARS = 60;
/** The last instant that a Date can hold: for a reading without the limit on the future. */
const END_OF_TIME = new Date(8.64e15);

export type Incoming = {
  raw: RawMessage;
  messageId: string | null;
  fromAddress: string | null;
  subject: string | null;
  sentAt: Date | null;
  inReplyTo: string | null;
  threadKey: string | null;
  problems: string[];
};

/** Reads the headers of `raw`. Never throws: what cannot be read is null, and a problem where it matters. */
export function readIncoming(raw: RawMessage, now: Date): Incoming {
  const headers = parseHeaders(raw.raw.subarray(0, raw.headerBytes));
  const messageId = key(parseMessageIds(headers.get("message-id"))[0]);
  const inReplyTo = key(parseMessageIds(headers.get("in-reply-to"))[0]);
  const first = key(parseMessageIds(headers.get("references"))[0]);
  const subject = headers.get("subject");
  const { address } = parseAddress(headers.get("from"));
  const date = headers.get("date");
  const sentAt = parseDate(date, now);
  const problems: string[] = [];
  if (raw.sizeBytes === 0) problems.push("It is empty");
  else if (raw.headerBytes === 0) problems.push("It has no headers");
  else {
    if (!address) problems.push("It has no readable sender");
    if (!date) problems.push("It has no Date");
    else if (!sentAt) problems.push(explainDate(date));
    if (raw.headerBytes >= MAX_HEADER_BYTES) problems.push(`Its headers are longer than ${MAX_HEADER_BYTES / 1_000_000} MB: only their beginning is read`);
  }
  if (raw.truncated) problems.push(`It is larger than ${KEPT_BYTES / 1_000_000} MB: only its beginning was kept`);
  if (raw.raw.includes(0)) problems.push("It holds NUL bytes");
  return {
    raw,
    messageId,
    fromAddress: address === null ? null : storable(address),
    subject: subject === undefined ? null : storable(decodeWords(subject).slice(0, MAX_SUBJECT_CHARS)),
    sentAt,
    inReplyTo,
    threadKey: first ?? inReplyTo ?? messageId,
    problems,
  };
}

function explainDate(date: string): string {
  const quoted = storable(date.slice(0, MAX_QUOTED_CHARS));
  return parseDate(date, END_OF_TIME) ? `Its Date is more than two days ahead: ${quoted}` : `Its Date is unreadable or before 1980: ${quoted}`;
}

const key = (id: string | undefined): string | null => (id === undefined ? null : storable(id.slice(0, MAX_KEY_CHARS)));
