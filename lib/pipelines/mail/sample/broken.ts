/** Messages as they should not be, and are: each shows one fault that importing and parsing must live with. */
import type { Draw } from "#lib/draw";
import { type Letter, rfcDate, writeLetter } from "./letter.ts";
import { multipart, textPart } from "./mime.ts";
import { OWNER } from "./senders.ts";

const FROM = { name: "Ted Malloy", address: "ted.malloy@mailhaven.net" };

function letter(draw: Draw, sentAt: Date, subject: string, more: Partial<Letter> = {}): Letter {
  return { from: FROM, subject, sentAt, messageId: `${draw.hex(20)}@mailhaven.net`, charset: "utf-8", service: "plain", body: textPart("plain", `${subject}, ${draw.hex(6)}.\n`), ...more };
}

/** Replaces or, with null, takes out a header field of a written message. */
function withField(message: Buffer, name: string, value: string | null): Buffer {
  const text = message.toString("latin1");
  return Buffer.from(text.replace(new RegExp(`^${name}:.*\\n`, "m"), value === null ? "" : `${name}: ${value}\n`), "latin1");
}

const alternatives = (draw: Draw, isClosed: boolean) => multipart("alternative", [textPart("plain", "The part after this one never ends.\n"), textPart("html", "<p>The part <b>never ends</b>")], `open_${draw.hex(8)}`, isClosed);

type Fault = (draw: Draw, sentAt: Date) => Buffer;
export const FAULTS: Fault[] = [
  (draw, at) => writeLetter(letter(draw, at, "No closing boundary", { body: alternatives(draw, false) }), draw),
  (draw, at) => {
    const body = textPart("plain", "");
    return writeLetter(letter(draw, at, "Bad base64", { body: { headers: [["Content-Type", "text/plain; charset=utf-8"], ["Content-Transfer-Encoding", "base64"]], body: Buffer.concat([body.body, Buffer.from("SGVsbG8g!!!d29ybGQ*\nnot base64 at all ===\n")]) } }), draw);
  },
  (draw, at) => writeLetter(letter(draw, at, "Unknown charset", { body: { headers: [["Content-Type", 'text/plain; charset="x-harbour-42"'], ["Content-Transfer-Encoding", "8bit"]], body: Buffer.from("Caf\xe9 at the quay\n", "latin1") } }), draw),
  (draw, at) => withField(writeLetter(letter(draw, at, "No date"), draw), "Date", null),
  (draw, at) => withField(writeLetter(letter(draw, at, "From the beginning of time"), draw), "Date", rfcDate(new Date(0))),
  (draw, at) => withField(writeLetter(letter(draw, at, "From the future"), draw), "Date", rfcDate(new Date(Date.UTC(2099, 0, 1)))),
  (draw, at) => withField(writeLetter(letter(draw, at, "A date in words"), draw), "Date", "the day before yesterday"),
  (draw, at) => writeLetter(letter(draw, at, "NUL bytes", { body: { headers: [["Content-Type", "text/plain"]], body: Buffer.from(`Before\0after, ${draw.hex(6)}\n`) } }), draw),
  (draw, at) => withField(writeLetter(letter(draw, at, "Raw bytes in the subject"), draw), "Subject", `Gr\xfc\xdfe vom Kai ${draw.hex(4)}`),
  (draw, at) => withField(writeLetter(letter(draw, at, "No sender"), draw), "From", null),
  (draw, at) => withField(writeLetter(letter(draw, at, "A sender that is no address"), draw), "From", '"The Harbour Ghost" <nobody at nowhere>'),
  (draw) => Buffer.from(`\nThis one lost its headers on the way. ${draw.hex(8)}\n`),
  (draw, at) => Buffer.from(writeLetter(letter(draw, at, "CRLF line ends"), draw).toString("latin1").replaceAll("\n", "\r\n"), "latin1"),
  (draw, at) => writeLetter(letter(draw, at, "Quoted envelope", { body: textPart("plain", `The log said:\n\nFrom mara@harbourlane.example Thu Nov 20 08:15:00 2025\nand >From here on nothing. ${draw.hex(4)}\n`, "utf-8", "8bit") }), draw),
  (draw, at) => writeLetter(letter(draw, at, "Parts within parts", { body: nested(draw, 12) }), draw),
  (draw, at) => writeLetter(letter(draw, at, "A very long line", { body: textPart("plain", `${"harbour ".repeat(draw.integer(2_000, 6_000))}\n`, "utf-8", "8bit") }), draw),
  (draw, at) => writeLetter(letter(draw, at, "Empty", { to: [OWNER], body: { headers: [], body: Buffer.alloc(0) } }), draw),
];

function nested(draw: Draw, depth: number): ReturnType<typeof multipart> {
  return depth === 0 ? textPart("plain", "Deep down.\n") : multipart("mixed", [nested(draw, depth - 1)], `n${depth}_${draw.hex(6)}`);
}
