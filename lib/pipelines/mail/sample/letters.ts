/** What people and vendors write: threads with quotes and signatures, invoices, renewals, invitations, notices. */
import type { Draw } from "#lib/draw";
import { domainOf, type Letter, rfcDate } from "./letter.ts";
import { filePart, multipart, textPart } from "./mime.ts";
import { type Company, OWNER, type Person } from "./senders.ts";

const DAY_MS = 86_400_000;
const MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const longDate = (at: Date) => `${MONTH_NAMES[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
const isoDay = (at: Date) => at.toISOString().slice(0, 10);
const SIGNS: Record<string, string> = { USD: "$", GBP: "£", EUR: "€", JPY: "¥", CAD: "CA$" };
const money = (amount: number, currency: string) => `${SIGNS[currency] ?? `${currency} `}${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

type Turn = { from: "them" | "owner"; text: string };
/** `from`: the domains that write of it. */
type Topic = { from: string[]; subject: string; turns: Turn[] };
const them = (text: string): Turn => ({ from: "them", text });
const owner = (text: string): Turn => ({ from: "owner", text });

const TOPICS: Topic[] = [
  { from: ["ternislandferries.com", "fenwickrowe.com"], subject: "Quote for two work boats", turns: [them("we are looking to buy two aluminium work boats of about nine metres for next season. Could you send us a quote, with delivery to {place}? Our budget is around {money} each, and the board decides on {soon}."), owner("thank you for asking. I attach nothing yet, but as a first idea: {money} for one, less five percent for two. Which engine do you have in mind?"), them("two outboards of 150 hp, please. We need your proposal by {soon}, then we can place the purchase order."), owner("understood, you will have it by Friday.")] },
  { from: ["ellissound-port.org"], subject: "Request for proposal: harbor launch", turns: [them("please find our request for proposal (RFP) for a harbor launch. Bids are due {soon}, and the contract will be awarded within 30 days. The estimated value is {money}."), owner("we intend to bid. Is a hybrid drive a requirement or a wish?"), them("it is a wish, and will be scored with ten points of one hundred.")] },
  { from: ["batbyggen.se", "fenwickrowe.com"], subject: "Partnership for the northern coast", turns: [them("we would like to talk about a partnership: you build, and as your reseller we sell and service north of the sound. As partners we could collaborate on a joint stand at the autumn show as well."), owner("that sounds interesting. What volume do you expect in the first year?"), them("six to eight hulls, so about {money}. Shall we meet on {soon}?"), owner("yes, at our yard at ten.")] },
  { from: ["brightmast.com"], subject: "Growth loan for Harbour Lane", turns: [them("I am reaching out since we finance yards of your size, from {money} upwards. Do you have fifteen minutes for a quick call next week?")] },
  { from: ["oarlock-recruiting.com"], subject: "Shipwright candidates", turns: [them("we have two candidates, both with more than ten years of experience in lamination. Interviews would be possible from {soon}; our fee is {money}."), owner("please send their CVs. We are hiring one person at the moment.")] },
  { from: ["batbyggen.se", "ternislandferries.com"], subject: "Delay of hull 14", turns: [them("the mould needs another week, so hull 14 is ready for pick-up on {soon}. I am sorry for the delay."), owner("thank you for telling me early. Is hull 15 affected too?"), them("no, hull 15 stays on schedule."), owner("good. The freight is booked then.")] },
  { from: ["looplantern.com"], subject: "Short film about the yard", turns: [them("we made a rough cut of four minutes. The invoice over {money} follows at the end of the month. Tell us what you think!"), owner("I like it a lot, only the drone shot is too long.")] },
  { from: ["mailhaven.net"], subject: "Dinner on Sunday?", turns: [them("will you be home on Sunday? We would cook, and Dad wants to show you the old photographs. Love, B."), owner("yes! I bring dessert."), them("wonderful, see you at six.")] },
  { from: ["mailhaven.net"], subject: "Old mooring winch", turns: [them("do you still have the hand winch from the old slip? I would take it off your hands for {money}."), owner("it is yours if you fetch it this weekend.")] },
  { from: ["werft-am-bodden.de"], subject: "Angebot für drei Rümpfe", turns: [them("vielen Dank für Ihre Anfrage. Für drei Rümpfe können wir {money} anbieten, Lieferung bis {soon}. Mit freundlichen Grüßen"), owner("vielen Dank, ich melde mich bis Ende der Woche."), them("gern. Der Preis gilt bis zum Monatsende.")] },
  { from: ["yokohama-yacht.co.jp"], subject: "お見積りの件", turns: [them("お世話になっております。ヨット二艇の見積書をお送りいたします。ご確認のほどよろしくお願いいたします。"), owner("Thank you, I will look at it today.")] },
  { from: ["stocznia-baltyk.pl"], subject: "Kadłuby: termin dostawy", turns: [them("dziękuję za wiadomość. Kadłuby będą gotowe {soon}, cena wynosi {money}. Łączę wyrazy szacunku"), owner("thank you, that suits us.")] },
];

/** A correspondence that goes on: one letter after another. */
export type Thread = { company: Company; person: Person; topic: Topic; turn: number; references: string[]; last: { text: string; from: string; sentAt: Date } | null; amount: number };

export function openThread(draw: Draw, company: Company): Thread {
  const topic = draw.pick(TOPICS.filter(({ from }) => from.includes(company.domain)));
  return { company, person: draw.pick(company.people), topic, turn: 0, references: [], last: null, amount: draw.integer(8, 900) * 100 };
}

export const isOver = ({ topic, turn }: Thread) => turn >= topic.turns.length;

/** The next letter of `thread`, which moves on. */
export function nextLetter(draw: Draw, thread: Thread, sentAt: Date): Letter {
  const { company, person, topic, references, last } = thread;
  const turn = topic.turns[thread.turn] ?? them("");
  const isOwner = turn.from === "owner";
  const author = isOwner ? { ...OWNER, role: "Owner" } : person;
  const soon = new Date(sentAt.getTime() + draw.integer(5, 40) * DAY_MS);
  const text = turn.text.replaceAll("{money}", money(thread.amount, company.currency)).replaceAll("{soon}", longDate(soon)).replaceAll("{place}", company.place);
  const reader = isOwner ? person.name : "Mara";
  const signature = ["-- ", author.name, ...(author.role ? [`${author.role}, ${isOwner ? "Harbour Lane" : company.name}`] : []), isOwner ? "Slip 3, Harbour Lane" : company.place, `+1 207 555 01${draw.integer(10, 99)}`].filter(Boolean);
  const quote = last ? ["", `On ${rfcDate(last.sentAt).slice(0, -6)}, ${last.from} wrote:`, ...last.text.split("\n").map((line) => `> ${line}`)] : [];
  const plain = [`${draw.pick(["Hello", "Dear", "Hi"])} ${reader.split(" ")[0]},`, "", text, "", draw.pick(["Best regards,", "Kind regards,", "Thanks,"]), author.name.split(" ")[0] ?? "", "", ...signature, ...quote, ""].join("\n");
  const charset = isOwner ? "utf-8" : company.charset;
  const html = `<div dir="ltr">${plain.split("\n").map((line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;")).join("<br>\n")}</div>`;
  const body = draw.chance(0.4)
    ? multipart("alternative", [textPart("plain", plain, charset, charset === "iso-2022-jp" ? "7bit" : "quoted-printable"), textPart("html", html, charset)], `b_${draw.hex(14)}`)
    : textPart("plain", plain, charset, charset === "iso-2022-jp" ? "7bit" : draw.pick(["8bit", "quoted-printable", "base64"] as const));
  const messageId = `${draw.hex(20)}@${domainOf(author.address)}`;
  const counterpart = isOwner ? [{ name: person.name, address: person.address }] : undefined;
  const colleagues = !isOwner && company.people.length > 1 && draw.chance(0.3) ? company.people.filter((other) => other !== person).map(({ name, address }) => ({ name, address })) : undefined;
  const letter: Letter = { from: { name: author.name, address: author.address }, to: counterpart, cc: colleagues, subject: `${references.length > 0 ? "Re: " : ""}${topic.subject}`, sentAt, messageId, references: [...references], charset, service: "plain", body };
  thread.turn += 1;
  thread.references = [...references, messageId];
  thread.last = { text: plain, from: author.name, sentAt };
  return letter;
}

const PDF = (draw: Draw, title: string) => Buffer.concat([Buffer.from(`%PDF-1.4\n% ${title}\n`), draw.bytes(draw.integer(400, 1500)), Buffer.from("\n%%EOF\n")]);

/** An invoice with an attachment, or a word about a renewal. */
export function vendorLetter(draw: Draw, company: Company, sentAt: Date, number: number): Letter {
  const person = draw.pick(company.people);
  const amount = money(draw.integer(40, 9_000) + draw.pick([0, 0.5, 0.99]), company.currency);
  const due = new Date(sentAt.getTime() + 30 * DAY_MS);
  const renewal = new Date(sentAt.getTime() + draw.integer(60, 95) * DAY_MS);
  const id = `${company.domain.slice(0, 2).toUpperCase()}-${10_000 + number}`;
  const isGerman = company.language === "de";
  const kinds: [subject: string, text: string][] = isGerman
    ? [[`Rechnung ${id}`, `anbei erhalten Sie die Rechnung ${id} über ${amount} für ${company.product}. Bitte überweisen Sie den Betrag bis zum ${isoDay(due)}.`]]
    : [
        [`Invoice ${id} from ${company.name}`, `please find attached invoice ${id} for ${company.product}. Amount due: ${amount}. Payment is due by ${longDate(due)}.`],
        [`Your ${company.product} renews soon`, `your subscription to ${company.product} renews on ${longDate(renewal)} for ${amount} per year. The contract expires on ${longDate(renewal)} unless it is renewed; to change it, answer before then.`],
        [`Receipt for your payment ${id}`, `we have received your payment of ${amount}. Your order ${id} has been shipped. Thank you for your order.`],
        [`Reminder: invoice ${id} is overdue`, `our records show that invoice ${id} over ${amount} was due on ${longDate(new Date(sentAt.getTime() - 10 * DAY_MS))}. Please pay at your earliest convenience.`],
      ];
  // Every other letter of a company with contracts is about its renewal.
  const [subject, text] = !isGerman && /policy|licence|electricity/.test(company.product) && draw.chance(0.5) ? (kinds[1] ?? draw.pick(kinds)) : draw.pick(kinds);
  const plain = [isGerman ? "Sehr geehrte Frau Lindqvist," : "Dear Ms Lindqvist,", "", text, "", isGerman ? "Mit freundlichen Grüßen" : "Kind regards,", person.name, "", "-- ", person.name, ...(person.role ? [`${person.role}, ${company.name}`] : [company.name]), company.place, ""].join("\n");
  const words = textPart("plain", plain, company.charset);
  const isInvoice = /invoice|rechnung/i.test(subject);
  const html = textPart("html", `<html><body><p>${plain.split("\n\n").join("</p><p>")}</p><p><a href="https://billing.${company.domain}/pay/${id}">${isGerman ? "Jetzt bezahlen" : "Pay now"}</a></p></body></html>`, company.charset);
  const alternative = multipart("alternative", [words, html], `alt_${draw.hex(10)}`);
  return {
    from: { name: person.name, address: person.address }, subject, sentAt,
    messageId: `${draw.hex(18)}.${id}@${company.domain}`,
    charset: company.charset, service: company.service,
    body: isInvoice ? multipart("mixed", [alternative, filePart(`${id}.pdf`, "application/pdf", PDF(draw, id))], `mix_${draw.hex(10)}`) : alternative,
    headers: person.role ? [] : [["Auto-Submitted", "auto-generated"]],
  };
}

/** A calendar invitation (RFC 5545) as calendar programs send it. */
export function invitation(draw: Draw, company: Company, sentAt: Date): Letter {
  const person = draw.pick(company.people);
  const start = new Date(sentAt.getTime() + draw.integer(2, 20) * DAY_MS);
  const stamp = (at: Date) => `${at.toISOString().replace(/[-:]/g, "").slice(0, 13)}0000Z`;
  const title = draw.pick(["Yard visit", "Design review", "Sea trial"]);
  const calendar = ["BEGIN:VCALENDAR", "METHOD:REQUEST", "VERSION:2.0", "BEGIN:VEVENT", `UID:${draw.hex(16)}@${company.domain}`, `DTSTAMP:${stamp(sentAt)}`, `DTSTART:${stamp(start)}`, `SUMMARY:${title}`, `ORGANIZER:mailto:${person.address}`, `ATTENDEE:mailto:${OWNER.address}`, "END:VEVENT", "END:VCALENDAR", ""].join("\r\n");
  const text = `${title} with ${person.name} on ${longDate(start)}.\n`;
  return {
    from: { name: person.name, address: person.address }, subject: `Invitation: ${title}`, sentAt,
    messageId: `${draw.hex(22)}@${company.domain}`, charset: "utf-8", service: "plain",
    body: multipart("alternative", [textPart("plain", text), textPart("calendar", calendar, "utf-8", "base64", "; method=REQUEST")], `cal_${draw.hex(8)}`),
  };
}
