/** What the header block of one message says, without looking at its body. */
import { readAuth } from "./auth.ts";
import { detectEsp } from "./esp.ts";
import { decodeWords, type Headers, parseAddress, parseAddressList, parseHeaders, parseMessageIds } from "./headers.ts";
import { readDelivery } from "./received.ts";
import { NO_SENDER, registeredDomain } from "./sender-domain.ts";

export type Metadata = {
  sender_address: string | null;
  sender_name: string | null;
  sender_domain: string;
  sender_host: string | null;
  envelope_sender: string | null;
  reply_to: string | null;
  to_addresses: string[];
  cc_addresses: string[];
  esp: string;
  esp_confidence: number;
  esp_evidence: string[];
  dkim: string;
  dkim_domain: string | null;
  spf: string;
  dmarc: string;
  sending_ip: string | null;
  mail_server: string | null;
  list_unsubscribe: string | null;
  one_click_unsubscribe: boolean;
  list_id: string | null;
  is_bulk: boolean;
  is_automated: boolean;
  is_reply: boolean;
  precedence: string | null;
  x_mailer: string | null;
  feedback_id: string | null;
  references: string[];
  problem: string | null;
};

const MAX_RECIPIENTS = 200;
const MAX_REFERENCES = 200;
/** Robots' local parts, with or without a suffix: no-reply, noreply-12, notifications+x. */
const ROBOT = /^(?:no-?_?reply|do-?_?not-?_?reply|mailer-daemon|postmaster|bounces?|notifications?|notify|alerts?|automated|auto-?confirm|system|robot|daemon|keine-?antwort|nicht-?antworten)(?:$|[-+_.\d])/;
/** "Re:" as mail programs of several languages write it. */
const REPLY_SUBJECT = /^\s*(?:re|aw|antw|antwort|sv|vs|odp|ref|rif|ynt|回复|答复)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]/i;

/** @param block the header block as it came. Never throws; what could not be read is null, and `problem` says so. */
export function readMetadata(block: Uint8Array): Metadata {
  const headers = parseHeaders(block);
  const from = parseAddress(headers.get("from"));
  const sender = from.address ? from : { ...parseAddress(headers.get("sender")), name: from.name };
  const host = sender.address?.slice(sender.address.lastIndexOf("@") + 1) ?? null;
  const domain = host ? registeredDomain(host) : NO_SENDER;
  const { esp, confidence, evidence } = detectEsp(headers);
  const { dkim, dkimDomain, spf, dmarc } = readAuth(headers, domain);
  const { sendingIp, mailServer } = readDelivery(headers);
  const unsubscribe = readUnsubscribe(headers);
  const precedence = headers.get("precedence")?.toLowerCase().slice(0, 50) || null;
  const listId = readListId(headers.get("list-id"));
  const references = parseMessageIds(headers.get("references"));
  return {
    sender_address: sender.address,
    sender_name: sender.name,
    sender_domain: domain,
    sender_host: host,
    envelope_sender: parseAddress(headers.get("return-path")).address,
    reply_to: parseAddress(headers.get("reply-to")).address,
    to_addresses: addressesOf(headers, "to"),
    cc_addresses: addressesOf(headers, "cc"),
    esp,
    esp_confidence: confidence,
    esp_evidence: evidence,
    dkim,
    dkim_domain: dkimDomain,
    spf,
    dmarc,
    sending_ip: sendingIp,
    mail_server: mailServer,
    list_unsubscribe: unsubscribe.address,
    one_click_unsubscribe: unsubscribe.isOneClick,
    list_id: listId,
    is_bulk: /^(?:bulk|list|junk)\b/.test(precedence ?? "") || unsubscribe.address !== null || listId !== null,
    is_automated: isAutomated(headers, sender.address, precedence),
    is_reply: headers.get("in-reply-to") !== undefined || references.length > 0 || REPLY_SUBJECT.test(decodeWords(headers.get("subject") ?? "")),
    precedence,
    x_mailer: bounded(headers.get("x-mailer") ?? headers.get("user-agent")),
    feedback_id: bounded(headers.get("feedback-id")),
    references: references.slice(0, MAX_REFERENCES),
    problem: sender.address ? null : "No readable sender address",
  };
}

const addressesOf = (headers: Headers, name: string) => parseAddressList(headers.getAll(name).join(", ")).slice(0, MAX_RECIPIENTS).map(({ address }) => address);

const bounded = (value: string | undefined) => decodeWords(value ?? "").trim().slice(0, 500) || null;

/** RFC 2369 and RFC 8058: a web address before a mail address; one click only with a web address. */
function readUnsubscribe(headers: Headers): { address: string | null; isOneClick: boolean } {
  const field = headers.getAll("list-unsubscribe").join(", ").slice(0, 8_000).replace(/\s+/g, "");
  const all = [...field.matchAll(/<?((?:https?:\/\/|mailto:)[^<>,]{1,2000})>?/gi)].map(([, address = ""]) => address);
  const web = all.find((address) => /^https?:/i.test(address));
  const isOneClick = web !== undefined && /list-unsubscribe\s*=\s*one-click/i.test(headers.get("list-unsubscribe-post") ?? "");
  return { address: web ?? all[0] ?? null, isOneClick };
}

function readListId(field: string | undefined): string | null {
  if (!field) return null;
  return (/<([^<>]{1,255})>/.exec(field)?.[1] ?? decodeWords(field)).trim().slice(0, 255) || null;
}

/** RFC 3834, and what robots write besides: an empty return path, an address nobody reads. */
function isAutomated(headers: Headers, address: string | null, precedence: string | null): boolean {
  const submitted = headers.get("auto-submitted")?.toLowerCase() ?? "no";
  return !/^no\b/.test(submitted)
    || ["x-autoreply", "x-autorespond", "x-auto-response-suppress"].some((name) => headers.has(name))
    || /^auto[-_]?reply/.test(precedence ?? "")
    || /^<\s*>$/.test(headers.get("return-path") ?? "")
    || ROBOT.test(address?.split("@", 1)[0] ?? "");
}
