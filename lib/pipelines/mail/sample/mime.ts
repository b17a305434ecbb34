/** Writes messages: RFC 5322 headers, RFC 2045 bodies, RFC 2047 words. */
import { type Charset, encodeText } from "./charsets.ts";

export type Encoding = "7bit" | "8bit" | "quoted-printable" | "base64";
export type Part = { headers: [name: string, value: string][]; body: Buffer };

const LINE_END = Buffer.from("\n");

export function textPart(subtype: "plain" | "html" | "calendar", text: string, charset: Charset = "utf-8", encoding: Encoding = "quoted-printable", parameters = ""): Part {
  const bytes = encodeText(text, charset);
  return {
    headers: [["Content-Type", `text/${subtype}; charset="${charset}"${parameters}`], ["Content-Transfer-Encoding", encoding]],
    body: encodeBody(bytes, encoding),
  };
}

export function filePart(name: string, type: string, bytes: Buffer, contentId?: string): Part {
  const disposition = contentId ? "inline" : "attachment";
  return {
    headers: [
      ["Content-Type", `${type}; name="${name}"`],
      ["Content-Disposition", `${disposition}; filename="${name}"`],
      ["Content-Transfer-Encoding", "base64"],
      ...(contentId ? [["Content-ID", `<${contentId}>`] as [string, string]] : []),
    ],
    body: encodeBody(bytes, "base64"),
  };
}

/** Several parts as one. Without `isClosed` the last boundary is missing, as some senders leave it out. */
export function multipart(subtype: "alternative" | "related" | "mixed", parts: Part[], boundary: string, isClosed = true): Part {
  const pieces = parts.flatMap((part) => [Buffer.from(`--${boundary}\n`), writePart(part), LINE_END]);
  if (isClosed) pieces.push(Buffer.from(`--${boundary}--\n`));
  return { headers: [["Content-Type", `multipart/${subtype}; boundary="${boundary}"`]], body: Buffer.concat(pieces) };
}

export function writePart({ headers, body }: Part): Buffer {
  return Buffer.concat([Buffer.from(`${headers.map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n`), body]);
}

/** `text` as a header may hold it: encoded words of up to 75 characters where it is not ASCII. */
export function words(text: string, charset: Charset = "utf-8", encoding: "B" | "Q" = "B"): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const pieces: string[] = [];
  // Twelve characters stay under the limit in any charset here, and an encoded word must not split one.
  const chars = [...text];
  for (let at = 0; at < chars.length; at += 12) {
    const bytes = encodeText(chars.slice(at, at + 12).join(""), charset);
    const coded = encoding === "B" ? bytes.toString("base64") : [...bytes].map((byte) => (byte === 0x20 ? "_" : /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte))).join("");
    pieces.push(`=?${charset}?${encoding}?${coded}?=`);
  }
  return pieces.join("\n ");
}

function encodeBody(bytes: Buffer, encoding: Encoding): Buffer {
  if (encoding === "base64") return Buffer.from(`${(bytes.toString("base64").match(/.{1,76}/g) ?? []).join("\n")}\n`);
  if (encoding === "quoted-printable") return Buffer.from(quotedPrintable(bytes));
  return bytes;
}

function quotedPrintable(bytes: Buffer): string {
  const lines: string[] = [];
  let line = "";
  for (const [at, byte] of bytes.entries()) {
    if (byte === 0x0a) {
      lines.push(line);
      line = "";
      continue;
    }
    const isLast = bytes[at + 1] === 0x0a || at === bytes.length - 1;
    const isPlain = (byte >= 0x21 && byte <= 0x7e && byte !== 0x3d) || (byte === 0x20 && !isLast);
    const coded = isPlain ? String.fromCharCode(byte) : hex(byte);
    if (line.length + coded.length > 75) {
      lines.push(`${line}=`);
      line = "";
    }
    line += coded;
  }
  return [...lines, line].join("\n");
}

const hex = (byte: number) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
