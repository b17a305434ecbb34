/** Writes text in old charsets, by turning what TextDecoder reads around: Node itself writes only UTF-8, Latin-1 and UTF-16. */

export type Charset = "utf-8" | "iso-8859-1" | "iso-8859-2" | "windows-1252" | "koi8-r" | "gb18030" | "iso-2022-jp";

const tables = new Map<string, Map<string, number[]>>();

/** `text` in `charset`; what the charset lacks becomes "?". */
export function encodeText(text: string, charset: Charset): Buffer {
  if (charset === "utf-8") return Buffer.from(text, "utf8");
  if (charset === "iso-2022-jp") return encodeIso2022Jp(text);
  const table = tableOf(charset);
  return Buffer.from([...text].flatMap((char) => (char < "\x80" ? [char.charCodeAt(0)] : (table.get(char) ?? [0x3f]))));
}

/** ASCII, and JIS X 0208 between two escape sequences (RFC 1468). Its codes are those of EUC-JP without the high bits. */
function encodeIso2022Jp(text: string): Buffer {
  const table = tableOf("euc-jp");
  const bytes: number[] = [];
  let isKanji = false;
  for (const char of text) {
    const code = char < "\x80" ? undefined : (table.get(char) ?? table.get("？"));
    if (code && !isKanji) bytes.push(0x1b, 0x24, 0x42);
    if (!code && isKanji) bytes.push(0x1b, 0x28, 0x42);
    isKanji = code !== undefined;
    bytes.push(...(code ? code.map((byte) => byte & 0x7f) : [char.charCodeAt(0)]));
  }
  if (isKanji) bytes.push(0x1b, 0x28, 0x42);
  return Buffer.from(bytes);
}

function tableOf(charset: string): Map<string, number[]> {
  const known = tables.get(charset);
  if (known) return known;
  const table = new Map<string, number[]>();
  const decoder = new TextDecoder(charset);
  const isDouble = charset === "gb18030" || charset === "euc-jp";
  for (let lead = 0x80; lead < 0x100; lead += 1) {
    for (const trail of isDouble ? range(0x40, 0xff) : [null]) {
      const bytes = trail === null ? [lead] : [lead, trail];
      const text = decoder.decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && text !== "\ufffd" && !table.has(text)) table.set(text, bytes);
    }
  }
  tables.set(charset, table);
  return table;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
