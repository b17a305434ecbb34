import fc from "fast-check";
import { expect, test } from "vitest";
import { readMetadata } from "./metadata.ts";
import { registeredDomain } from "./sender-domain.ts";

const read = (...lines: string[]) => readMetadata(Buffer.from(`${lines.join("\r\n")}\r\n`));

test.each([
  ["news.mail.example.co.uk", "example.co.uk"],
  ["example.com", "example.com"],
  ["shop.myshopify.com", "shop.myshopify.com"],
  ["mail.acme.uk.com", "acme.uk.com"],
  ["blogspot.com", "blogspot.com"],
  ["localhost", "localhost"],
  ["post.münchen.de", "xn--mnchen-3ya.de"],
])("%s belongs to %s", (host, domain) => {
  expect(registeredDomain(host)).toBe(domain);
});

test("a newsletter", () => {
  expect(read(
    "Return-Path: <bounce-12@mail3.mcsv.net>", "From: =?utf-8?q?Z=C3=BCrich_News?= <News@mail.shop.example.co.uk>", "To: Anna <anna@example.org>, b@example.org", "Cc: c@example.org",
    "Reply-To: help@example.co.uk", "List-Unsubscribe: <mailto:u@list-manage.com>, <https://shop.us1.list-manage.com/u?id=1>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "List-Id: Shop news <abc.list-id.mcsv.net>", "X-Mailer: Mailchimp Mailer", "Feedback-ID: 1:2.3:us1:mc", "Precedence: Bulk", "Subject: Sale",
  )).toMatchObject({
    sender_address: "news@mail.shop.example.co.uk", sender_name: "Zürich News", sender_domain: "example.co.uk", sender_host: "mail.shop.example.co.uk", envelope_sender: "bounce-12@mail3.mcsv.net",
    reply_to: "help@example.co.uk", to_addresses: ["anna@example.org", "b@example.org"], cc_addresses: ["c@example.org"], esp: "mailchimp", list_unsubscribe: "https://shop.us1.list-manage.com/u?id=1",
    one_click_unsubscribe: true, list_id: "abc.list-id.mcsv.net", is_bulk: true, is_automated: false, is_reply: false, precedence: "bulk", x_mailer: "Mailchimp Mailer", problem: null,
  });
});

test("bulk, automated and reply marks, one by one", () => {
  const plain = read("From: a@x.org", "Subject: Report");
  expect(plain).toMatchObject({ is_bulk: false, is_automated: false, is_reply: false });
  for (const line of ["Precedence: junk", "List-Id: <a.b>", "List-Unsubscribe: <mailto:x@y.z>"]) expect(read("From: a@x.org", line).is_bulk).toBe(true);
  for (const line of ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Return-Path: <>"]) expect(read("From: a@x.org", line).is_automated).toBe(true);
  for (const address of ["no-reply@x.org", "noreply+1@x.org", "Notifications@x.org"]) expect(read(`From: ${address}`).is_automated).toBe(true);
  expect(read("From: norbert@x.org", "Auto-Submitted: no").is_automated).toBe(false);
  for (const line of ["Subject: AW: Angebot", "Subject: =?utf-8?q?Re=3A_x?=", "In-Reply-To: <a@b>", "References: <a@b>"]) expect(read("From: a@x.org", line).is_reply).toBe(true);
});

test("without a readable sender: (none), with the Sender header in its place when there is one", () => {
  expect(read("From: Undisclosed", "Subject: x")).toMatchObject({ sender_address: null, sender_domain: "(none)", sender_name: "Undisclosed", problem: "No readable sender address" });
  expect(read("From: Anna", "Sender: list@x.org")).toMatchObject({ sender_address: "list@x.org", sender_name: "Anna", sender_domain: "x.org", problem: null });
});

test("never throws, and every row is whole", () => {
  const field = fc.tuple(fc.constantFrom("From", "To", "List-Unsubscribe", "List-Id", "References", "Received", "Return-Path", "Subject", "Precedence"), fc.string({ unit: "binary", maxLength: 80 }));
  fc.assert(fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
    const row = read(...fields.map(([name, value]) => `${name}: ${value}`));
    expect(Object.values(row)).not.toContain(undefined);
  }));
});
