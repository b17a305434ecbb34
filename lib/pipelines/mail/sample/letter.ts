/** A message before it is bytes, and how it is written down with the traces that servers and sending services leave. */
import type { Charset } from "./charsets.ts";
import type { Draw } from "#lib/draw";
import { type Part, words, writePart } from "./mime.ts";
import { OWNER, type Service } from "./senders.ts";

export type Mailbox = { name: string; address: string };
export type Letter = {
  from: Mailbox;
  to?: Mailbox[];
  cc?: Mailbox[];
  subject: string;
  sentAt: Date;
  messageId: string;
  references?: string[];
  charset: Charset;
  service: Service;
  body: Part;
  /** Further fields, written as they are. */
  headers?: [name: string, value: string][];
};

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n: number) => String(n).padStart(2, "0");
const time = (at: Date) => `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
export const rfcDate = (at: Date) => `${DAYS[at.getUTCDay()]}, ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()} ${time(at)} +0000`;
const asctime = (at: Date) => `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${time(at)} ${at.getUTCFullYear()}`;

export const domainOf = (address: string) => address.slice(address.indexOf("@") + 1);

/** What the services below leave behind. Only names by which they are known in public are used, with made-up accounts. */
const TRACES: Record<Exclude<Service, "plain">, (draw: Draw, from: Mailbox) => { host: string; bounce: string; dkim: string; headers: [string, string][] }> = {
  mailchimp: (draw) => {
    const account = draw.hex(16);
    return { host: `mail${draw.integer(10, 250)}.atl${draw.integer(11, 99)}.rsgsv.net`, bounce: `bounce-mc.us${draw.integer(1, 20)}_${account}@mail.atl.rsgsv.net`, dkim: "mcsv.net", headers: [["X-Mailer", "Mailchimp Mailer - **CID0a1b**"], ["X-MC-User", account], ["Feedback-ID", `${account}:us7:mc`], ["Precedence", "bulk"]] };
  },
  sendgrid: (draw) => ({ host: `o${draw.integer(1, 9)}.ptr${draw.integer(1000, 9999)}.outbound.sendgrid.net`, bounce: `bounces+${draw.integer(1_000_000, 9_999_999)}@em.sendgrid.net`, dkim: "sendgrid.net", headers: [["X-SG-EID", draw.hex(48)], ["X-SG-ID", draw.hex(32)]] }),
  klaviyo: (draw) => ({ host: `mta${draw.integer(1, 60)}.klaviyomail.com`, bounce: `bounces+${draw.integer(10_000, 99_999)}@klaviyomail.com`, dkim: "klaviyomail.com", headers: [["X-Kmail-Account", draw.hex(6)], ["X-Kmail-Message", draw.hex(12)], ["Precedence", "bulk"]] }),
  hubspot: (draw) => ({ host: `bid-${draw.hex(6)}.bf01.hubspotemail.net`, bounce: `1axb${draw.hex(8)}@bf01.hubspotemail.net`, dkim: "hubspotemail.net", headers: [["X-HS-Cid", draw.hex(24)], ["X-Mailer", "HubSpot"]] }),
  amazon_ses: (draw) => ({ host: `a${draw.integer(8, 60)}-${draw.integer(1, 250)}.smtp-out.amazonses.com`, bounce: `0100${draw.hex(16)}@amazonses.com`, dkim: "amazonses.com", headers: [["X-SES-Outgoing", `2025.01.01-198.51.100.${draw.integer(1, 250)}`], ["Feedback-ID", "1.us-east-1.abc:AmazonSES"]] }),
};

const CLIENTS = ["Apple Mail (2.3774)", "Mozilla Thunderbird", "Microsoft Outlook 16.0", "Evolution 3.50", "K-9 Mail"];

/** The message as its recipient's archive has it. */
export function writeLetter(letter: Letter, draw: Draw): Buffer {
  const { from, sentAt, charset } = letter;
  const mailbox = ({ name, address }: Mailbox) => (name ? `${/^[\w .]*$/.test(name) ? name : /^[\x20-\x7e]*$/.test(name) ? `"${name}"` : words(name, charset)} <${address}>` : address);
  const domain = domainOf(from.address);
  const traces = letter.service === "plain"
    ? { host: `mail.${domain}`, bounce: from.address, dkim: domain, headers: [["User-Agent", draw.pick(CLIENTS)] as [string, string]] }
    : TRACES[letter.service](draw, from);
  const ip = `203.0.113.${draw.integer(1, 250)}`;
  const spf = draw.chance(0.93) ? "pass" : draw.pick(["softfail", "none"]);
  const dkim = draw.chance(0.9) ? "pass" : draw.pick(["fail", "none"]);
  const headers: [string, string][] = [
    ["Return-Path", `<${traces.bounce}>`],
    ["Received", `from ${traces.host} (${traces.host} [${ip}])\n\tby ${OWNER.host} with ESMTPS id ${draw.hex(10)}\n\tfor <${OWNER.address}>; ${rfcDate(sentAt)}`],
    ["Authentication-Results", `${OWNER.host};\n\tdkim=${dkim} header.d=${draw.chance(0.6) ? domain : traces.dkim};\n\tspf=${spf} smtp.mailfrom=${domainOf(traces.bounce)};\n\tdmarc=${spf === "pass" && dkim === "pass" ? "pass" : "none"} header.from=${domain}`],
    ["DKIM-Signature", `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${traces.dkim}; s=s1;\n\th=from:to:subject:date:message-id; bh=${draw.hex(44)};\n\tb=${draw.hex(64)}`],
    ...traces.headers,
    ["From", mailbox(from)],
    ["To", (letter.to ?? [OWNER]).map(mailbox).join(", ")],
    ...(letter.cc ? [["Cc", letter.cc.map(mailbox).join(", ")] as [string, string]] : []),
    ["Subject", words(letter.subject, charset, draw.chance(0.5) ? "B" : "Q")],
    ["Date", rfcDate(sentAt)],
    ["Message-ID", `<${letter.messageId}>`],
    ...(letter.references && letter.references.length > 0 ? [["In-Reply-To", `<${letter.references.at(-1)}>`], ["References", letter.references.map((id) => `<${id}>`).join("\n ")]] as [string, string][] : []),
    ...(letter.headers ?? []),
    ["MIME-Version", "1.0"],
  ];
  return writePart({ headers: [...headers, ...letter.body.headers], body: letter.body.body });
}

/** A message in an mbox of the kind "mboxrd". */
export function wrapForMbox(message: Buffer, sentAt: Date): Buffer {
  // latin1, so that every byte stays what it is.
  const text = message.toString("latin1").replace(/^(>*From )/gm, ">$1");
  return Buffer.from(`From archive@harbourlane.example ${asctime(sentAt)}\n${text}${text.endsWith("\n") ? "" : "\n"}\n`, "latin1");
}
