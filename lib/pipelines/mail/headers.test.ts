import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeWords, parseAddress, parseAddressList, parseDate, parseHeaders, parseMessageIds } from "./headers.ts";

const bytes = (text: string) => Buffer.from(text, "utf8");

test("fields are found whatever their case, unfolded, topmost first", () => {
  const headers = parseHeaders(bytes("From nobody Mon Jan  1\nRECEIVED: a\r\n\tby b\r\n  for c\nSubject : spaced\nrubbish line\nReceived: second\nX-Empty:\n\nSubject: body\n"));
  expect(headers.getAll("Received")).toEqual(["a\tby b  for c", "second"]);
  expect(headers.get("subject")).toBe("spaced");
  expect(headers.getAll("subject")).toHaveLength(1);
  expect(headers.get("x-empty")).toBe("");
  expect(headers.get("constructor")).toBeUndefined();
  expect(headers.has("X-EMPTY")).toBe(true);
});

test("each field is utf-8 when it is valid utf-8, else windows-1252", () => {
  const block = Buffer.concat([bytes("Subject: Grüße\n"), Buffer.from("X-Old: Gr\xfc\xdfe \x80\n", "latin1")]);
  const headers = parseHeaders(block);
  expect(headers.get("subject")).toBe("Grüße");
  expect(headers.get("x-old")).toBe("Grüße €");
});

test("a view into a larger buffer reads only its own bytes, and a huge block is bounded", () => {
  expect(parseHeaders(bytes("Skip: 1\nKeep: 2\nLeave: 3\n").subarray(8, 16)).get("keep")).toBe("2");
  expect(parseHeaders(bytes("Skip: 1\nKeep: 2\nLeave: 3\n").subarray(8, 16)).get("leave")).toBeUndefined();
  expect(parseHeaders(bytes(`A: ${"x".repeat(3_000_000)}`)).get("a")?.length).toBeLessThanOrEqual(65_536);
  const started = performance.now();
  parseHeaders(bytes("A: b\n".repeat(200_000)));
  parseHeaders(bytes(`A: b\n${" c\n".repeat(300_000)}`));
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("encoded words: both encodings, joined across folds, unknown charsets, broken ones left as they are", () => {
  expect(decodeWords("=?utf-8?q?Gr=C3=BC?= =?utf-8?q?=C3=9Fe?= an alle")).toBe("Grüße an alle");
  expect(decodeWords("=?ISO-8859-1?B?R3L832U=?=")).toBe("Grüße");
  expect(decodeWords("=?utf-8?b?8J+Y?= =?utf-8?b?gA==?=")).toBe("😀");
  expect(decodeWords("=?x-unknown-999?q?caf=E9?=")).toBe("café");
  expect(decodeWords("=?utf-8?q?never ends")).toBe("=?utf-8?q?never ends");
});

test.each([
  ["Anna Berg <Anna.Berg@Example.COM>", "Anna Berg", "anna.berg@example.com"],
  ["anna@example.com", null, "anna@example.com"],
  ["anna@example.com (Anna Berg)", "Anna Berg", "anna@example.com"],
  ['"Berg, Anna" <anna@example.com>', "Berg, Anna", "anna@example.com"],
  ["=?utf-8?q?J=C3=BCrgen?= <j@example.de>", "Jürgen", "j@example.de"],
  ["'news@example.com'", null, "news@example.com"],
  ["Broken <anna@example.com", "Broken", "anna@example.com"],
  ["<<anna@example.com>>", null, "anna@example.com"],
  ["Team: a@example.com, b@example.com;", null, "a@example.com"],
  ["undisclosed-recipients:;", null, null],
  ["Only A Name", "Only A Name", null],
  ["<>", null, null],
  ["a@b@c", null, null],
  ["x@münchen.de", null, "x@münchen.de"],
  ["<mailto:x@example.com>", null, "x@example.com"],
])("the sender in %s", (value, name, address) => {
  expect(parseAddress(value)).toEqual({ name, address });
});

test("address lists open groups, and hold each address once", () => {
  expect(parseAddressList('A <a@x.com>, Team: "B, b" <b@x.com>, c@x.com;, A@X.com, nobody')).toEqual([{ name: "A", address: "a@x.com" }, { name: "B, b", address: "b@x.com" }, { name: null, address: "c@x.com" }]);
  expect(parseAddressList(undefined)).toEqual([]);
  expect(parseAddressList(Array.from({ length: 5_000 }, (_, n) => `a${n}@x.com`).join(","))).toHaveLength(1_000);
});

test("message ids lose brackets and stray spaces", () => {
  expect(parseMessageIds("<a@x> <b@\t y><a@x>\n<>")).toEqual(["a@x", "b@y"]);
  expect(parseMessageIds("a@x, b@y")).toEqual(["a@x", "b@y"]);
  expect(parseMessageIds("Your message of Monday")).toEqual([]);
});

test.each([
  ["Tue, 1 Jul 2003 10:52:37 +0200 (CEST)", "2003-07-01T08:52:37.000Z"],
  ["1 Jul 03 10:52 EST", "2003-07-01T15:52:00.000Z"],
  ["Tue,  1 July 2003 10:52:37 GMT", "2003-07-01T10:52:37.000Z"],
  ["Tue, 1 Jul 2003 10:52:37", "2003-07-01T10:52:37.000Z"],
  ["Tue, 1 Jul 103 10:52:37 -0000", "2003-07-01T10:52:37.000Z"],
  ["Thu Feb 13 23:31:30 2014", "2014-02-13T23:31:30.000Z"],
  ["Thu Feb 13 23:31:30 PST 2014", "2014-02-14T07:31:30.000Z"],
  ["2014-02-13T23:31:30+05:30", "2014-02-13T18:01:30.000Z"],
  ["Sun, 13 Feb 2022 11:31:30 PM +0000", "2022-02-13T23:31:30.000Z"],
  ["Tue, 31 Feb 2003 10:52:37 +0200", null],
  ["Tue, 1 Jul 1970 10:52:37 +0200", null],
  ["Tue, 1 Jul 2203 10:52:37 +0200", null],
  ["yesterday", null],
  ["", null],
])("the date %s", (value, expected) => {
  expect(parseDate(value, new Date("2026-11-21T00:00:00Z"))?.toISOString() ?? null).toBe(expected);
});

test("nothing throws, whatever the input", () => {
  const noise = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[<>@"()=?;:, \\\nab1.-]{0,80}$/));
  fc.assert(fc.property(noise, (text) => {
    parseHeaders(bytes(text));
    parseAddress(text);
    parseMessageIds(text);
    decodeWords(text);
    const date = parseDate(text);
    expect(date === null || date.getTime() > 0).toBe(true);
    for (const { address } of parseAddressList(text)) expect(address).toMatch(/^\S+@\S+$/);
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (block) => void parseHeaders(block)));
});
