/** Rows in, bytes out, in each format: what is behind has been given away, so memory stays as it is. */
import type { RunRow } from "#lib/runs/sql/run-row";
import { EXPORT_COLUMNS, type ExportFormat } from "./fields.ts";
import { printCsvHeader, printCsvRow, printNdjsonRow } from "./rules.ts";

/** Bytes may come later than their rows, and none at all where there is nothing to say yet. */
export type Encoder = { begin(): Uint8Array; rows(rows: RunRow[]): Uint8Array; end(): Uint8Array };
export type EncodeOptions = { /** CSV begins with a byte order mark, by which Excel knows UTF-8. */ bom?: boolean };

const NOTHING = new Uint8Array(0);
const BOM = "\uFEFF";

export async function openEncoder(format: ExportFormat, { bom = false }: EncodeOptions = {}): Promise<Encoder> {
  // Only who asks for Parquet loads its library.
  if (format === "parquet") return (await import("./parquet.ts")).openParquet();
  const text = new TextEncoder();
  const begin = format === "csv" ? `${bom ? BOM : ""}${printCsvHeader(EXPORT_COLUMNS)}` : "";
  const print = format === "csv" ? printCsvRow : printNdjsonRow;
  return {
    begin: () => text.encode(begin),
    rows: (rows) => text.encode(rows.map((row) => print(row, EXPORT_COLUMNS)).join("")),
    end: () => NOTHING,
  };
}

/**
 * The bytes of an export, one piece a batch. Whoever stops reading (`return`) stops the batches too.
 *
 * @param onRows is told after each batch how many rows there have been
 */
export async function* encodeRows(batches: AsyncIterable<RunRow[]>, format: ExportFormat, options: EncodeOptions & { onRows?: (rows: number) => void } = {}): AsyncGenerator<Uint8Array<ArrayBufferLike>> {
  const encoder = await openEncoder(format, options);
  const begun = encoder.begin();
  if (begun.length > 0) yield begun;
  let count = 0;
  for await (const rows of batches) {
    const bytes = encoder.rows(rows);
    if (bytes.length > 0) yield bytes;
    options.onRows?.((count += rows.length));
  }
  const ended = encoder.end();
  if (ended.length > 0) yield ended;
}
