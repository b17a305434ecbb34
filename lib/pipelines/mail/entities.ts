/** Who and what a message speaks of. People, organisations and places by compromise; the rest by patterns of our own. */
import nlp from "compromise";
import { findMoney } from "./amounts.ts";
import { findDates } from "./due-dates.ts";
import { registeredDomain } from "./sender-domain.ts";

export type Entity = {
  kind: "person" | "organisation" | "place" | "money" | "date" | "role" | "procurement";
  value: string;
  origin: "sender" | "cc" | "body" | "signature";
  confidence: number;
  relationship: string | null;
  amount: number | null;
  currency: string | null;
  on_date: string | null;
};

export type Scanned = {
  senderName: string | null;
  senderAddress: string | null;
  senderDomain: string;
  toAddresses: string[];
  ccAddresses: string[];
  isAutomated: boolean;
  isBulk: boolean;
  /** The first `BODY_CHARS` of it. */
  body: string;
  signature: string | null;
  sentAt: Date | null;
};

export type EntityChoice = { money: boolean; dates: boolean; procurement: boolean };

export const BODY_CHARS = 20_000;
const CONFIDENCE = { sender: 1, cc: 0.7, body: 0.8, signature: 0.9 };
const MAX_PER_KIND = 30;
const MAX_CC = 50;
const MAX_VALUE_CHARS = 200;
/** compromise grows faster than its text: pieces keep it linear. */
const PIECE_CHARS = 4_000;

const ROLES = /\b(?:chief (?:\p{L}+ ){1,3}officer|c[efmoti]o|ciso|cpo|(?:senior |executive )?vice president|(?:s|e)?vp(?: (?:of )?\p{Lu}\p{L}+)?|co-?founder|founder|owner|president|(?:managing |sales |marketing |it |finance |hr |technical |creative |art |executive )?director|head of \p{L}+(?: \p{L}+)?|(?:general |account |project |product |purchasing |procurement |office |sales |marketing |customer success |engineering |it |category |sourcing )manager|buyer|key account|account executive|(?:software|sales|solutions?|data) engineer|consultant|controller|accountant|(?:legal |general )counsel|gesch[äa]ftsf[üu]hrer(?:in)?|prokurist(?:in)?|einkaufsleiter(?:in)?|vertriebsleiter(?:in)?|leiter(?:in)? \p{Lu}\p{L}+|directeur(?: \p{L}+)?|g[ée]rant|gerente|director(?:a)? general)\b/giu;
const DECIDES = /\bchief\b|^c[efmoti]o$|^ciso$|^cpo$|president|^[se]?vp\b|founder|owner|director|^head of|gesch[äa]ftsf|prokurist|leiter|directeur|g[ée]rant|gerente/i;
const PROCUREMENT: [string, RegExp][] = [
  ["request for proposal", /\brfp\b|request for proposals?/i], ["request for quotation", /\brfq\b|request for quot(?:e|ation)s?|angebotsanfrage|demande de devis|solicitud de (?:cotizaci|presupuesto)/i],
  ["tender", /\btenders?\b(?! offer)|ausschreibung|appel d['’]offres|licitaci[óo]n/i], ["purchase order", /\bpurchase orders?\b|\bpo ?(?:#|number|no\.?)|\bbestellnummer|bon de commande|orden de compra/i],
  ["quotation", /\bquotations?\b|\b(?:price|your|our|a|the) quote\b|\bkostenvoranschlag|\bdevis\b|\bcotizaci[óo]n/i], ["invoice", /\binvoices?\b|\brechnung(?:en)?\b|\bfactur[ea]s?\b/i],
  ["contract", /\bcontracts?\b|\bvertr[aä]g(?:e|s)?\b|\bcontrat[os]?\b/i], ["statement of work", /\bstatements? of work\b|\bsow\b/i], ["master agreement", /\bmsa\b|master (?:service|services|purchase) agreement|rahmenvertrag/i],
  ["service level", /\bsla\b|service[- ]level agreement/i], ["vendor", /\bvendor (?:registration|onboarding|list|form|selection)|\bsupplier (?:registration|onboarding|portal)|\blieferant(?:en)?\b|fournisseur|proveedor/i],
  ["procurement", /\bprocurement\b|\bpurchasing department|\beinkaufsabteilung|\bbeschaffung/i], ["budget", /\bbudgets?\b/i], ["license", /\blicen[cs]e (?:agreement|renewal|fee|key)s?|\blizenz(?:en|vertrag)?\b/i], ["payment terms", /\bpayment terms\b|\bnet[- ](?:15|30|45|60|90)\b|zahlungsziel|conditions de paiement/i],
];
const COMPANY = /(?<![\p{L}\d])((?:\p{Lu}[\p{L}\d&.'’-]{0,30} ){1,4}(?:GmbH(?: & Co\. KG)?|AG|KG|SE|Inc\.?|LLC|L\.L\.C\.|Ltd\.?|Limited|Corp\.?|Corporation|PLC|SARL|S\.A\.|SAS|S\.L\.|B\.V\.|S\.r\.l\.|Pty Ltd))(?![\p{L}\d])/gu;

/** Each entity once per origin, at most thirty of a kind and origin. */
export function findEntities(message: Scanned, choice: EntityChoice): Entity[] {
  const signature = message.signature?.slice(0, 2_000) ?? "";
  const roles = [...(`${message.senderName ?? ""}\n${signature}`).matchAll(ROLES)].map(([role]) => role);
  return unique([
    ...sender(message, roles),
    ...message.ccAddresses.slice(0, MAX_CC).map((address) => entity("person", address, "cc", ccRelationship(address, message.senderDomain))),
    ...scan(message.body.slice(0, BODY_CHARS), "body", message.sentAt, choice),
    ...scan(signature, "signature", message.sentAt, choice),
  ]);
}

const ROBOT = /^(?:no-?_?reply|do-?_?not-?_?reply|mailer-daemon|postmaster|bounces?|notifications?|alerts?|newsletter|news|info|support|hello|team|billing)(?:$|[-+_.@\d])/;
const domainOf = (address: string) => registeredDomain(address.slice(address.lastIndexOf("@") + 1));

function sender(message: Scanned, roles: string[]): Entity[] {
  const value = message.senderName ?? message.senderAddress;
  if (!value) return [];
  const isColleague = message.toAddresses.some((address) => domainOf(address) === message.senderDomain);
  const relationship = message.isAutomated || message.isBulk ? "automated" : roles.some((role) => DECIDES.test(role)) ? "decision_maker" : isColleague ? "peer" : "vendor_contact";
  return [entity("person", value, "sender", relationship)];
}

function ccRelationship(address: string, senderDomain: string): string {
  if (ROBOT.test(address)) return "automated";
  return domainOf(address) === senderDomain ? "vendor_contact" : "peer";
}

function scan(text: string, origin: "body" | "signature", sentAt: Date | null, choice: EntityChoice): Entity[] {
  if (text.trim() === "") return [];
  const names = pieces(text).map(readNames);
  return [
    ...names.flatMap(({ people }) => people).filter(isName).map((value) => entity("person", value, origin)),
    ...[...names.flatMap(({ organisations }) => organisations), ...[...text.matchAll(COMPANY)].map(([, name = ""]) => name)].filter(isProper).map((value) => entity("organisation", value, origin)),
    ...names.flatMap(({ places }) => places).filter(isName).map((value) => entity("place", value, origin)),
    ...[...text.matchAll(ROLES)].map(([role]) => entity("role", role, origin)),
    ...(choice.money ? findMoney(text).map(({ value, amount, currency }) => ({ ...entity("money", value, origin), amount, currency })) : []),
    ...(choice.dates ? findDates(text, sentAt).map(({ value, onDate, relationship }) => ({ ...entity("date", value, origin, relationship), on_date: onDate })) : []),
    ...(choice.procurement ? PROCUREMENT.filter(([, pattern]) => pattern.test(text)).map(([term]) => entity("procurement", term, origin)) : []),
  ];
}

function readNames(text: string): { people: string[]; organisations: string[]; places: string[] } {
  const read = nlp(text);
  return { people: read.people().out("array"), organisations: read.organizations().out("array"), places: read.places().out("array") };
}

/**
 * Cut at line ends where there are some. What names nobody is left out, since tagging words takes some 4 ms per 1,000
 * characters: lines without a capital, lines seen before, and runs of one sign.
 */
function pieces(text: string): string[] {
  const found: string[] = [];
  const lines = new Set(text.replace(/([^\p{L}\p{N}\n])\1{3,}/gu, "$1").split("\n").filter((line) => /\p{Lu}/u.test(line)));
  for (let rest = [...lines].join("\n\n"); rest !== ""; ) {
    const end = rest.length <= PIECE_CHARS ? rest.length : Math.max(rest.lastIndexOf("\n", PIECE_CHARS), rest.lastIndexOf(" ", PIECE_CHARS)) + 1 || PIECE_CHARS;
    found.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return found;
}

const bare = (value: string) => value.replace(/\s+/g, " ").replace(/^[^\p{L}\p{N}]+|(?<!\b(?:Inc|Ltd|Corp|Co|S\.A))[^\p{L}\p{N})]+$/gu, "").replace(/^(?:hi|hello|dear|hey|hallo) /i, "").replace(/['’]s$/, "").trim();
const isProper = (value: string) => /^[\p{Lu}\d]/u.test(bare(value)) && /\p{L}{2}/u.test(value) && !/[@/<>{}]|https?:/.test(value);
/** "DR" and "ST" are no names, and what holds a number is a street. */
const isName = (value: string) => isProper(value) && !/\d/.test(value) && bare(value).length > 2 && bare(value).split(" ").length <= 5;

function entity(kind: Entity["kind"], value: string, origin: Entity["origin"], relationship: string | null = null): Entity {
  const isRead = (origin === "body" || origin === "signature") && kind !== "money" && kind !== "date";
  return { kind, value: (isRead ? bare(value) || value : value).slice(0, MAX_VALUE_CHARS), origin, confidence: CONFIDENCE[origin], relationship, amount: null, currency: null, on_date: null };
}

function unique(all: Entity[]): Entity[] {
  const found = new Map<string, Entity>();
  const counts = new Map<string, number>();
  for (const candidate of all) {
    const group = `${candidate.kind}\n${candidate.origin}`;
    const key = `${group}\n${candidate.value}`;
    const count = counts.get(group) ?? 0;
    if (found.has(key) || count >= MAX_PER_KIND || candidate.value === "") continue;
    found.set(key, candidate);
    counts.set(group, count + 1);
  }
  return [...found.values()];
}
