import fc from "fast-check";
import { expect, test } from "vitest";
import { findMoney } from "./amounts.ts";
import { findDates } from "./due-dates.ts";
import { type Entity, findEntities, type Scanned } from "./entities.ts";

const ALL = { money: true, dates: true, procurement: true };
const message = (parts: Partial<Scanned>): Scanned => ({ senderName: "Anna Berg", senderAddress: "anna@acme.com", senderDomain: "acme.com", toAddresses: ["me@example.org"], ccAddresses: [], isAutomated: false, isBulk: false, body: "", signature: null, sentAt: new Date("2026-03-01T12:00:00Z"), ...parts });
const values = (found: Entity[], kind: string, origin = "body") => found.filter((one) => one.kind === kind && one.origin === origin).map(({ value }) => value);

test.each([
  ["$1,250.00", 1250, "USD"], ["1.250,00 €", 1250, "EUR"], ["EUR 12,5", 12.5, "EUR"], ["£3k", 3000, "GBP"], ["CHF 1'250", 1250, "CHF"], ["$2.5 million", 2_500_000, "USD"], ["1.250 €", 1250, "EUR"], ["20 euros", 20, "EUR"], ["₹99", 99, "INR"],
])("%s is %d %s", (text, amount, currency) => {
  expect(findMoney(`it costs ${text} in all`)).toEqual([{ value: text, amount, currency }]);
});

test("what is no money", () => {
  expect(findMoney("$ and 500, v1.2.3, EURO 2024, 0 €, $0.00, room 12")).toEqual([]);
  expect(findMoney("$99999999999999999999999 €")).toEqual([]);
});

test.each([
  ["The contract renews on June 30, 2026.", "2026-06-30", "renewal:future"],
  ["Your plan will automatically renew by 30 June.", "2026-06-30", "renewal:future"],
  ["Offer valid until 2026-02-28", "2026-02-28", "expiration"],
  ["Antwort bis zum 15.04.2026 bitte", "2026-04-15", "deadline:future"],
  ["Submit no later than 13/06/2026", "2026-06-13", "deadline:future"],
  ["We met on 06/07/2025 in Rome", "2025-06-07", null],
  ["am 3. Januar", "2027-01-03", null],
  ["Vence el 5 de mayo de 2026", "2026-05-05", "expiration:future"],
])("%s", (text, onDate, relationship) => {
  expect(findDates(text, new Date("2026-03-01T12:00:00Z"))).toMatchObject([{ onDate, relationship }]);
});

test("what is no date", () => {
  expect(findDates("31.02.2026, 2026-13-01, May I ask, version 1.2.2026.3, March on, 45 June", new Date())).toEqual([]);
  expect(findDates("June 30", null)).toEqual([]);
});

test("who writes, and what they are to us", () => {
  const relationship = (parts: Partial<Scanned>) => findEntities(message(parts), ALL).find(({ origin }) => origin === "sender")?.relationship;
  expect(relationship({})).toBe("vendor_contact");
  expect(relationship({ isBulk: true, signature: "CEO" })).toBe("automated");
  expect(relationship({ signature: "Anna Berg\nChief Financial Officer" })).toBe("decision_maker");
  expect(relationship({ toAddresses: ["x@eu.acme.com"] })).toBe("peer");
  const cc = findEntities(message({ ccAddresses: ["noreply@acme.com", "b@acme.com", "c@example.org"] }), ALL).filter(({ origin }) => origin === "cc");
  expect(cc.map(({ value, relationship, confidence }) => [value, relationship, confidence])).toEqual([["noreply@acme.com", "automated", 0.7], ["b@acme.com", "vendor_contact", 0.7], ["c@example.org", "peer", 0.7]]);
  expect(findEntities(message({ senderName: null, senderAddress: null }), ALL)).toEqual([]);
});

test("names, companies, places, roles and procurement words, each where it stood", () => {
  const found = findEntities(message({
    body: "Hello, Maria Lopez of Acme Corporation in Berlin spoke to Dr. John Smith (Google Inc.). Our RFP went to Muster Maschinenbau GmbH. Please send the invoice for $500 to Maria Lopez.",
    signature: "Anna Berg\nHead of Procurement\nNordlicht AG, Hamburg",
  }), ALL);
  expect(values(found, "person")).toEqual(["Maria Lopez", "Dr. John Smith"]);
  expect(values(found, "organisation")).toEqual(expect.arrayContaining(["Acme Corporation", "Google Inc.", "Muster Maschinenbau GmbH"]));
  expect(values(found, "place")).toEqual(["Berlin"]);
  expect(values(found, "money")).toEqual(["$500"]);
  expect(values(found, "procurement")).toEqual(["request for proposal", "invoice"]);
  expect(values(found, "role", "signature")).toEqual(["Head of Procurement"]);
  expect(found.find(({ origin }) => origin === "signature")?.confidence).toBe(0.9);
  const less = findEntities(message({ body: "RFP over $500 by June 30, 2026" }), { money: false, dates: false, procurement: false });
  expect(less.filter(({ origin }) => origin === "body")).toEqual([]);
});

test("20,000 characters of anything take a moment, not more", () => {
  for (const piece of ["it's they're ", "A B C ", ". ", "Alpha Beta ", "(", "$1,000 ", "June 30 ", "1.000.000.", "by ", "Director ", "GmbH "]) {
    const started = performance.now();
    const found = findEntities(message({ body: piece.repeat(20_000 / piece.length) }), ALL);
    expect(found.length).toBeLessThanOrEqual(250);
    expect(performance.now() - started, piece).toBeLessThan(1_500);
  }
});

test("never throws, and each entity stands once", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.stringMatching(/^(?:Anna |Acme Inc\. |\$1,0 |June 3|\n|, |due ){0,30}$/), (noise, text) => {
    const found = findEntities(message({ body: text, signature: noise, senderName: noise || null }), ALL);
    expect(new Set(found.map(({ kind, origin, value }) => `${kind}\n${origin}\n${value}`)).size).toBe(found.length);
  }), { numRuns: 60 });
});
