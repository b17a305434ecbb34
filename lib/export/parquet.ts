import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { Encoder, Row } from "./encode.ts";
import type { ColumnType, ExportColumn } from "./fields.ts";

/** Rows of one row group, and their values are held. Of fewer there are more groups, and their entries in the footer are held to the end. */
const GROUP_ROWS = 4_000;

type Values = unknown[];
const TYPES: Record<ColumnType, { type: ColumnSource["type"]; toValue(value: unknown): unknown }> = {
  id: { type: "INT64", toValue: (value) => (value === null ? null : BigInt(value as number)) },
  integer: { type: "INT32", toValue: (value) => value },
  number: { type: "DOUBLE", toValue: (value) => value },
  text: { type: "STRING", toValue: (value) => value },
  time: { type: "TIMESTAMP", toValue: (value) => value },
  pairs: { type: "JSON", toValue: (value) => value },
};

/** Parquet as a stream: each row group is given away when it is full; the footer, which tells where they are, comes last. */
export function openParquet(exported: readonly ExportColumn[]): Encoder {
  const columns = exported.map(({ name, type }) => ({ name, ...TYPES[type], values: [] as Values }));
  const source = (): ColumnSource[] => columns.map(({ name, type, values }) => ({ name, type, data: values, offsetIndex: false }));
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaFromColumnData({ columnData: source() }), createdBy: "penstock" });
  let held = 0;

  const take = (): Uint8Array => {
    const taken = bytes.getBytes().slice();
    bytes.index = 0;
    return taken;
  };
  const writeGroup = (): void => {
    if (held === 0) return;
    // Nothing here waits: the writer's own flush is not set.
    void writer.write({ columnData: source(), rowGroupSize: held });
    for (const column of columns) column.values = [];
    held = 0;
  };
  return {
    begin: take,
    rows: (rows: Row[]) => {
      for (const row of rows) for (const column of columns) column.values.push(column.toValue(row[column.name]));
      held += rows.length;
      if (held >= GROUP_ROWS) writeGroup();
      return take();
    },
    end: () => {
      writeGroup();
      void writer.finish();
      return take();
    },
  };
}
