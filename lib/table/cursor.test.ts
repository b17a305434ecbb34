import fc from "fast-check";
import { expect, it } from "vitest";
import { parseCursor } from "#lib/table/read-cursor";
import { hashList, printCursor } from "#lib/table/cursor";

const anyCursor = fc.record({
  side: fc.constantFrom("after" as const, "before" as const),
  value: fc.oneof(fc.string({ maxLength: 60 }), fc.integer()),
  id: fc.nat(),
  listHash: fc.string().map(hashList),
});

it("reads back every cursor that it printed, in characters that need no escaping in an address", () => {
  fc.assert(
    fc.property(anyCursor, (cursor) => {
      const text = printCursor(cursor);
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(parseCursor(text, cursor.listHash)).toEqual(cursor);
      expect(parseCursor(text, `${cursor.listHash}x`)).toBeNull();
    }),
  );
});

it("answers null, and never throws, for anything else", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void expect(parseCursor(text, "x")).toBeNull()));
  fc.assert(fc.property(fc.json(), (json) => void expect(parseCursor(btoa(encodeURIComponent(json)), "x")).toBeNull()));
});
