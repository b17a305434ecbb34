import fc from "fast-check";
import { expect, it } from "vitest";
import { ERROR_GROUP_SORTS } from "./fields.ts";
import { ERROR_GROUP_VIEWS, ErrorGroupsFilter, ErrorGroupsRequest, toSearchParams } from "./filter.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const filter = fc.record({
  status: fc.constantFrom(...ERROR_GROUP_VIEWS),
  pipeline: fc.option(name),
  stage: fc.option(name),
  q: fc.string({ maxLength: 50 }).map((text) => text.replaceAll("\0", "").toWellFormed().trim()),
  sort: fc.constantFrom(...ERROR_GROUP_SORTS),
  cursor: fc.constant(null),
  limit: fc.integer({ min: 1, max: 200 }),
});

it("what is printed is parsed to the same, and the plain list is the empty query", () => {
  fc.assert(fc.property(filter, (value) => void expect(ErrorGroupsFilter.parse(toSearchParams(value))).toEqual(value)));
  expect(toSearchParams(ErrorGroupsFilter.parse({})).toString()).toBe("");
});

it("any query string is a filter; a program is told what is wrong with it", () => {
  fc.assert(fc.property(fc.webQueryParameters(), (query) => void ErrorGroupsFilter.parse(new URLSearchParams(query))));
  fc.assert(fc.property(fc.dictionary(fc.constantFrom("status", "q", "sort", "cursor", "limit", "stage"), fc.anything()), (given) => void ErrorGroupsFilter.parse(given)));
  expect(ErrorGroupsFilter.parse(new URLSearchParams("status=nonsense&cursor=abc&limit=0"))).toMatchObject({ status: "open", cursor: null, limit: 50 });
  expect(ErrorGroupsRequest.safeParse(new URLSearchParams("status=nonsense")).success).toBe(false);
  expect(ErrorGroupsRequest.safeParse(new URLSearchParams("nonsense=1")).success).toBe(false);
});
