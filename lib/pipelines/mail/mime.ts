/** The readable parts of a message's bytes. Attachments are named and measured; what they hold is dropped. */
import PostalMime, { decodeWords, type Email } from "postal-mime";

export type Attachment = { name: string | null; type: string; sizeBytes: number };
export type Parts = { text: string; html: string; attachments: Attachment[]; problem: string | null };

/** The parser takes up to 6 µs per line and 30 µs per part: with these bounds no message takes a second. */
const MAX_LINES = 120_000;
const MAX_BOUNDARIES = 2_000;
const MAX_NESTING = 40;
const MAX_FORWARD_NESTING = 3;
const MAX_HEADER_BYTES = 1_048_576;
/** Of each of text and HTML; what is kept of them is far less. */
const MAX_PART_CHARS = 1_000_000;
const MAX_ATTACHMENTS = 100;

/** Never throws: what could not be read is left out, and `problem` says so. */
export async function readParts(raw: Uint8Array): Promise<Parts> {
  const bounded = boundLines(raw);
  const problems = [bounded.problem, unknownCharset(bounded.bytes), unclosedPart(bounded.bytes), brokenBase64(bounded.bytes)];
  try {
    const email = await PostalMime.parse(bounded.bytes, { maxNestingDepth: MAX_NESTING, maxHeadersSize: MAX_HEADER_BYTES, maxRfc822NestingDepth: MAX_FORWARD_NESTING });
    return {
      text: (email.text ?? "").slice(0, MAX_PART_CHARS),
      html: (email.html ?? "").slice(0, MAX_PART_CHARS),
      attachments: email.attachments.slice(0, MAX_ATTACHMENTS).map(describe),
      problem: problems.filter(Boolean).join("; ") || null,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { text: readBare(bounded.bytes), html: "", attachments: [], problem: [...problems.filter(Boolean), `Parts could not be told apart: ${why}`].join("; ").slice(0, 500) };
  }
}

function describe({ filename, mimeType, content }: Email["attachments"][number]): Attachment {
  const sizeBytes = typeof content === "string" ? content.length : content.byteLength;
  return { name: filename ? decodeWords(filename).slice(0, 255) : null, type: (mimeType || "application/octet-stream").slice(0, 100), sizeBytes };
}

/** The bytes up to the bounds on lines and on lines that may begin a part. */
function boundLines(raw: Uint8Array): { bytes: Buffer; problem: string | null } {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let boundaries = 0;
  let at = -1;
  for (let lines = 0; (at = bytes.indexOf(0x0a, at + 1)) >= 0; ) {
    lines += 1;
    if (bytes[at + 1] === 0x2d && bytes[at + 2] === 0x2d) boundaries += 1;
    if (lines >= MAX_LINES) return { bytes: bytes.subarray(0, at), problem: `Read only the first ${MAX_LINES} lines` };
    if (boundaries >= MAX_BOUNDARIES) return { bytes: bytes.subarray(0, at), problem: `Read only the first ${MAX_BOUNDARIES} parts` };
  }
  return { bytes, problem: null };
}

/** Charsets that TextDecoder does not know are read as windows-1252 by the parser, in silence. */
function unknownCharset(bytes: Buffer): string | null {
  for (const [field] of bytes.toString("latin1").matchAll(/^content-type:[^\r\n]{0,500}(?:\r?\n[ \t][^\r\n]{0,500}){0,5}/gim)) {
    const label = /charset\s*=\s*["']?([\w.:+-]{1,60})/i.exec(field)?.[1];
    if (label && !isKnownCharset(label)) return `Unknown charset "${label}": read as windows-1252`;
  }
  return null;
}

/** Labels that the parser translates by itself, besides those that TextDecoder knows. */
const TRANSLATED = /^(?:(?:cp|windows|ms|ibm)-?(?:9\d\d|\d{5})|iso-?2022-?jp-?\d|ms-?kanji|junet|uhc|default|unknown-8bit|binary)$/;

function isKnownCharset(label: string): boolean {
  const bare = label.toLowerCase().replace(/^(?:x-ms-|x-|cs)/, "");
  return TRANSLATED.test(bare) || [label.toLowerCase(), bare, bare.replaceAll("_", "-")].some((name) => {
    try {
      return Boolean(new TextDecoder(name));
    } catch {
      return false;
    }
  });
}

function unclosedPart(bytes: Buffer): string | null {
  const head = bytes.subarray(0, 65_536).toString("latin1").split(/\r?\n\r?\n/, 1)[0] ?? "";
  if (/^content-type:\s*multipart\//im.test(head) && !/\bboundary\s*=/i.test(head)) return "It says multipart and names no boundary";
  const boundary = /^content-type:\s*multipart\/[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*?boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/im.exec(head);
  const name = boundary?.[1] ?? boundary?.[2];
  return name && !bytes.includes(`--${name}--`) ? "Its last part is cut off" : null;
}

/** How much of a part is looked at, in characters: what is no base64 shows at once. */
const BASE64_LOOK = 4_000;

/** A decoder passes over what is no base64, in silence, and makes noise of plain text. */
function brokenBase64(bytes: Buffer): string | null {
  const text = bytes.toString("latin1").replaceAll("\r\n", "\n");
  for (const { index } of text.matchAll(/^content-transfer-encoding:[ \t]*base64[ \t]*$/gim)) {
    const start = text.indexOf("\n\n", index);
    if (start < 0) return null;
    if (!isInHeader(text, index)) continue;
    const end = text.indexOf("\n--", start);
    if (/[^A-Za-z0-9+/=\s]/.test(text.slice(start, Math.min(end < 0 ? text.length : end, start + BASE64_LOOK)))) return "A part says base64 and is not";
  }
  return null;
}

/** Whether the line at `index` stands in the header of the message or of a part: elsewhere it is a quotation. */
function isInHeader(text: string, index: number): boolean {
  const from = Math.max(0, index - BASE64_LOOK);
  const above = text.slice(from, index).split("\n").slice(0, -1).reverse();
  const first = above.find((line) => !/^(?:[!-9;-~]+[ \t]*:|[ \t]+\S)/.test(line));
  return first === undefined ? from === 0 : first.startsWith("--");
}

/** What a person would read of a message whose parts cannot be told apart. */
function readBare(bytes: Buffer): string {
  const text = bytes.subarray(0, 500_000).toString("utf8");
  const end = /\r?\n\r?\n/.exec(text);
  const body = end ? text.slice(end.index + end[0].length) : text;
  return body.split(/\r?\n/).filter((line) => !/^--\S|^content-[a-z-]+:|^\s+(?:boundary|charset|name)=/i.test(line)).join("\n").trim();
}
