import fc from "fast-check";
import { expect, it } from "vitest";
import { pack, unpack } from "#lib/table/packed";

const anyRow = fc.record({
  id: fc.nat(),
  name: fc.string({ unit: "binary" }),
  at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2200-01-01") }),
  endedAt: fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2200-01-01") })),
  subjects: fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 }),
});

it("property: rows come out as they went in, dates among them", () => {
  fc.assert(fc.property(fc.array(anyRow, { maxLength: 8 }), (rows) => void expect(unpack(pack(rows), ["at", "endedAt"])).toEqual(rows)));
});

it("names each key once, however many rows there are", () => {
  const rows = Array.from({ length: 50 }, (_, id) => ({ id, status: "completed" }));
  expect(pack(rows).match(/status/g)).toHaveLength(1);
});
