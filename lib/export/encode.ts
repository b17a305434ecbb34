/** Rows in, bytes out, in each format: what is behind has been given away, so memory stays as it is. */
import { EXPORT_COLUMNS, type ExportColumn, type ExportFormat } from "./fields.ts";
import { printCsvHeader, printCsvRow, printNdjsonRow } from "./rules.ts";

/** A row by the names of its columns. */
export type Row = Record<string, unknown>;

/** Bytes may come later than their rows, and none at all where there is nothing to say yet. */
export type Encoder = { begin(): Uint8Array; rows(rows: Row[]): Uint8Array; end(): Uint8Array };
export type EncodeOptions = { /** CSV begins with a byte order mark, by which Excel knows UTF-8. */ bom?: boolean; /** Those of runs, unless said otherwise. */ columns?: readonly ExportColumn[] };

const NOTHING = new Uint8Array(0);
const BOM = "\uFEFF";

export async function openEncoder(format: ExportFormat, { bom = false, columns = EXPORT_COLUMNS }: EncodeOptions = {}): Promise<Encoder> {
  // Only who asks for Parquet loads its library.
  if (format === "parquet") return (await import("./parquet.ts")).openParquet(columns);
  const text = new TextEncoder();
  const begin = format === "csv" ? `${bom ? BOM : ""}${printCsvHeader(columns)}` : "";
  const print = format === "csv" ? printCsvRow : printNdjsonRow;
  return {
    begin: () => text.encode(begin),
    rows: (rows) => text.encode(rows.map((row) => print(row, columns)).join("")),
    end: () => NOTHING,
  };
}

/**
 * The bytes of an export, one piece a batch. Whoever stops reading (`return`) stops the batches too.
 *
 * @param onRows is told after each batch how many rows there have been
 */
export async function* encodeRows(batches: AsyncIterable<Row[]>, format: ExportFormat, options: EncodeOptions & { onRows?: (rows: number) => void } = {}): AsyncGenerator<Uint8Array<ArrayBufferLike>> {
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
