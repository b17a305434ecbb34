import fc from "fast-check";
import { expect, it } from "vitest";
import { EXPORT_COLUMNS, type ExportColumn } from "./fields.ts";
import { neutralise, printCell, printCsvHeader, printCsvRow, printNdjsonRow } from "./rules.ts";

/** RFC 4180 as a reader: records of fields, with a note of which were quoted. */
function readCsv(text: string): { text: string; quoted: boolean }[][] {
  const records: { text: string; quoted: boolean }[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: { text: string; quoted: boolean }[] = [];
    for (;;) {
      let field = "";
      const quoted = text[at] === '"';
      if (quoted) {
        for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
          if (at >= text.length) throw new Error("a quoted field without an end");
          if (text[at] === '"') at += 1;
          field += text[at];
        }
        at += 1;
      } else {
        for (; at < text.length && text[at] !== "," && text[at] !== "\r"; at += 1) {
          if (text[at] === '"' || text[at] === "\n") throw new Error(`a bare ${JSON.stringify(text[at])} in a field that is not quoted`);
          field += text[at];
        }
      }
      record.push({ text: field, quoted });
      if (text[at] !== ",") break;
      at += 1;
    }
    if (text.slice(at, at + 2) !== "\r\n") throw new Error("a record that does not end with CRLF");
    at += 2;
    records.push(record);
  }
  return records;
}

const NAMES = ["id", "stage", "startedAt", "subjects"] as const;
const COLUMNS: ExportColumn[] = NAMES.map((name) => ({ name, type: "text" }));
const awkward = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "\t", "=", "+", "-", "@", "＝", "'", " ", ";", "a", "é", "😀") }));
const rows = fc.array(
  fc.record({
    id: fc.option(fc.integer()),
    stage: fc.option(awkward),
    startedAt: fc.option(fc.date({ noInvalidDate: true, min: new Date("1990-01-01"), max: new Date("2200-01-01") })),
    subjects: fc.array(fc.tuple(awkward, awkward), { maxLength: 3 }),
  }),
);

it("a reader of RFC 4180 finds every cell as it was, but for the apostrophe before what looks like a formula", () => {
  fc.assert(
    fc.property(rows, (given) => {
      const [header, ...read] = readCsv(printCsvHeader(COLUMNS) + given.map((row) => printCsvRow(row, COLUMNS)).join(""));
      expect(header?.map(({ text }) => text)).toEqual([...NAMES]);
      expect(read.map((record) => record.map(({ text }) => text))).toEqual(
        given.map(({ id, stage, startedAt, subjects }) => [
          id === null ? "" : String(id),
          stage === null ? "" : neutralise(stage),
          startedAt === null ? "" : startedAt.toISOString(),
          neutralise(subjects.map(([name, value]) => `${name}=${value}`).join("; ")),
        ]),
      );
      // No text and nothing are told apart.
      for (const [index, record] of read.entries()) expect(record[1]?.quoted || given[index]?.stage !== "").toBe(true);
      for (const [index, record] of read.entries()) if (given[index]?.stage === null) expect(record[1]?.quoted).toBe(false);
    }),
  );
});

it.each([" =1+1", "\u00a0\u2003@SUM(A1)", "\0=1", "\u2400=1", "\ufeff+1", "\u200b-1", "  ＝1+1", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", '=HYPERLINK("http://x","y")'])("%j is no formula any more", (text) => {
  expect(readCsv(`${printCell(text)}\r\n`)[0]?.[0]?.text).toBe(`'${text}`);
});

it("numbers stay numbers, whatever their sign", () => {
  expect([-5, 0, 12].map(printCell)).toEqual(["-5", "0", "12"]);
});

it("a line of JSON is one line, and reads back", () => {
  fc.assert(
    fc.property(rows, (given) => {
      for (const row of given) {
        const line = printNdjsonRow(row, COLUMNS);
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(row)));
      }
    }),
  );
});

it("every column stands once, the list's own first", () => {
  const names = EXPORT_COLUMNS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.slice(0, 5)).toEqual(["id", "stage", "pipeline", "status", "startedAt"]);
});
