/** Tells mail from what people give by mistake, by its first bytes. */
import { isFromLine, isUndatedFromLine } from "./mbox.ts";

/** How many first bytes are looked at; a header block mostly fits. */
export const RECOGNISE_BYTES = 65_536;
export const WANTED = "Wanted is an .mbox file, an .eml file, or a folder of them.";

const UNPACK = "Unpack it first, or pipe it in: zcat mail.mbox.gz | ./penstock import mail -";
/** First bytes in hexadecimal, and what they mean. */
const SIGNATURES: [hex: string, what: string, advice?: string][] = [
  ["89504e47", "a PNG image"],
  ["ffd8ff", "a JPEG image"],
  ["47494638", "a GIF image"],
  ["25504446", "a PDF document"],
  ["504b0304", "a zip archive", "Unpack it first."],
  ["504b0506", "an empty zip archive"],
  ["1f8b", "a gzip file", UNPACK],
  ["425a68", "a bzip2 file", "Unpack it first."],
  ["fd377a585a00", "an xz file", "Unpack it first."],
  ["28b52ffd", "a Zstandard file", "Unpack it first."],
  ["377abcaf271c", "a 7-Zip archive", "Unpack it first."],
  ["2142444e", "an Outlook .pst archive", "Export it as mbox first."],
  ["d0cf11e0a1b11ae1", "an Outlook .msg or Office file", "Export it as .eml or mbox first."],
  ["7f454c46", "a program"],
  ["53514c69746520666f726d6174", "a SQLite database"],
  ["fffe", "UTF-16 text", "Save it as UTF-8 first."],
  ["feff", "UTF-16 text", "Save it as UTF-8 first."],
];

/** Fields of which at least one stands in any mail's headers: a text of "key: value" lines is no mail yet. */
const KNOWN = /^(?:from|to|cc|subject|date|received|message-id|return-path|delivered-to|envelope-to|reply-to|sender|mime-version|content-type|dkim-signature|x-mozilla-status|x-gmail-labels|list-id|in-reply-to)[ \t]*:/im;

/**
 * What `head`, the first `RECOGNISE_BYTES` of a source or all of it, is if it is not mail: "a PNG image", and perhaps
 * what to do about it. Null for mail, also for broken mail.
 */
export function recogniseOther(head: Uint8Array): { what: string; advice?: string } | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes.toString("latin1").replace(/^\xef\xbb\xbf/, "").replace(/^[\r\n]+/, "");
  if (text === "") return { what: bytes.length === 0 ? "empty" : "empty but for line ends" };
  const lines = text.split("\n");
  const first = (lines[0] ?? "").replace(/\r$/, "");
  if (isFromLine(first)) return null;
  if (isUndatedFromLine(first) && /^[!-9;-~]{1,200}[ \t]*:/.test(lines[1] ?? "")) return null;

  const block = text.slice(0, emptyLineAt(text));
  if (/^[!-9;-~]{1,200}[ \t]*:/.test(first) && KNOWN.test(block)) return null;

  const hex = bytes.toString("hex", 0, 16);
  const found = SIGNATURES.find(([signature]) => hex.startsWith(signature));
  if (found) return { what: found[1], advice: found[2] };
  // Control characters that no text has: a hundred random bytes hold a dozen of them, and not always a NUL.
  if (/[\x00-\x06\x0e-\x1a\x1c-\x1f]/.test(text)) return { what: "binary data" };
  if (/^\s*<(?:!doctype html|html)/i.test(text)) return { what: "a web page" };
  if (/^\s*[{[]/.test(text)) return { what: "JSON or another text without mail headers" };
  return { what: "text without mail headers" };
}

function emptyLineAt(text: string): number {
  const at = text.search(/\n\r?\n/);
  return at < 0 ? text.length : at;
}
