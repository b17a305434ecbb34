/** What the links of a message are for, and what they give away. */
import type { HtmlLink } from "./html.ts";
import { registeredDomain } from "./sender-domain.ts";

export const LINK_INTENTS = ["unsubscribe", "social", "book", "download", "account", "shop", "content"] as const;
export type LinkIntent = (typeof LINK_INTENTS)[number];
export type Link = { text: string; url: string; domain: string; intent: LinkIntent };
export type Links = {
  links: Link[];
  linkDomains: string[];
  linkIntents: Record<string, number>;
  ctas: { text: string; url: string }[];
  socialLinks: string[];
  utm: Record<string, string>;
};

const MAX_LINKS = 200;
const MAX_DOMAINS = 100;
const MAX_CTAS = 20;
const MAX_SOCIAL = 20;
const MAX_URL_CHARS = 1_000;

const SOCIAL = new Set("facebook.com fb.com instagram.com twitter.com x.com t.co linkedin.com lnkd.in youtube.com youtu.be tiktok.com pinterest.com pin.it snapchat.com threads.net threads.com bsky.app mastodon.social xing.com reddit.com whatsapp.com wa.me t.me discord.gg discord.com vimeo.com".split(" "));

/** In this order, the first that fits; what fits nowhere is something to read. Tried on the link's text, then on its path and query. */
const INTENTS: [LinkIntent, RegExp][] = [
  ["unsubscribe", /unsubscrib|opt[-_ ]?out|list-manage\.com\/(?:unsub|profile)|email[-_ ]?preferences|manage (?:your )?(?:subscription|preferences)|notification settings|abmelden|abbestell|austragen|d[ée]sabonn|d[ée]sinscri|darse? de baja|cancelar (?:la )?suscripci/i],
  ["book", /calendly|cal\.com\/|\bbook (?:a|your|now|me|my)\b|\bschedul(?:e|ing)\b|\bmeetings?\b|\bdemo\b|\bappointment|\brsvp\b|webinar|termin\b|rendez-vous|reserv(?:e|a)\b|zoom\.us\/j|meet\.google|teams\.microsoft/i],
  ["download", /\.(?:pdf|docx?|xlsx?|pptx?|csv|zip|ics)(?:$|[?#])|\bdownload|herunterladen|t[ée]l[ée]charger|descargar|white[-_ ]?paper|e-?book\b|docs\.google|drive\.google|dropbox\.com|sharepoint|\binvoice\b|\brechnung\b|\battachment/i],
  ["account", /\blog[-_ ]?in\b|\bsign[-_ ]?in\b|\baccounts?\b|password|passwort|\bverify\b|\bverification\b|\bconfirm\b|best[äa]tig|\bactivate\b|\bdashboard\b|anmelden|einloggen|se connecter|\bmein konto\b|mon compte|mi cuenta/i],
  ["shop", /\bshop\b|\bstore\b|\bbuy\b|\bcart\b|\bcheckout\b|\bproducts?\b|\border\b|\bcollections?\b|\bsale\b|\bdeals?\b|\boffers?\b|\bpricing\b|\bupgrade\b|\bpurchase\b|\bkaufen\b|warenkorb|\bangebot|acheter|boutique|comprar|tienda/i],
];

const ACTION = /^(?:shop|buy|get|start|learn|read|book|register|download|sign ?up|try|claim|view|see|discover|explore|join|order|upgrade|subscribe|reserve|schedule|watch|redeem|save|activate|confirm|verify|continue|request|contact|reply|jetzt|mehr|zum|zur|hier|entdecken|kaufen|bestellen|d[ée]couvr|acheter|voir|en savoir|profite|comprar|ver|descubr|reg[íi]strate)/i;

/** @param found links in the order in which they stand in the message */
export function readLinks(found: HtmlLink[]): Links {
  const links: Link[] = [];
  const domains = new Set<string>();
  const social = new Set<string>();
  const ctas = new Map<string, { text: string; url: string }>();
  const utm: Record<string, string> = {};
  const intents: Record<string, number> = {};
  for (const { text, url, isButton } of found) {
    const parsed = parseUrl(url);
    if (!parsed) continue;
    const domain = registeredDomain(parsed.hostname);
    const intent = intentOf(text, parsed, domain);
    const short = url.slice(0, MAX_URL_CHARS);
    intents[intent] = (intents[intent] ?? 0) + 1;
    if (domains.size < MAX_DOMAINS) domains.add(domain);
    if (links.length < MAX_LINKS) links.push({ text, url: short, domain, intent });
    if (intent === "social" && social.size < MAX_SOCIAL) social.add(short);
    if (isCta(text, isButton, intent) && ctas.size < MAX_CTAS && !ctas.has(text.toLowerCase())) ctas.set(text.toLowerCase(), { text, url: short });
    for (const name of ["source", "medium", "campaign", "term", "content"]) {
      const value = parsed.searchParams.get(`utm_${name}`);
      if (value && !(name in utm)) utm[name] = value.slice(0, 200);
    }
  }
  return { links, linkDomains: [...domains], linkIntents: intents, ctas: [...ctas.values()], socialLinks: [...social], utm };
}

/** The addresses that stand in plain text, without the punctuation around them. */
export function linksInText(text: string): HtmlLink[] {
  return [...text.matchAll(/https?:\/\/[^\s<>"'\])}]{1,2000}/gi)].slice(0, 1_000).map(([url]) => ({ text: "", url: url.replace(/[.,;:!?]+$/, ""), isButton: false }));
}

function parseUrl(url: string): URL | null {
  const parsed = URL.parse(url);
  return parsed && /^https?:$/.test(parsed.protocol) && parsed.hostname ? parsed : null;
}

function intentOf(text: string, url: URL, domain: string): LinkIntent {
  if (INTENTS[0]?.[1].test(`${text} ${url.href.slice(0, 500)}`)) return "unsubscribe";
  if (SOCIAL.has(domain)) return "social";
  const byText = INTENTS.find(([, pattern]) => pattern.test(text));
  const path = `${url.host}${url.pathname}${url.search}`.slice(0, 300).replace(/[_/]+/g, " / ");
  return (byText ?? INTENTS.find(([, pattern]) => pattern.test(path) || pattern.test(url.href.slice(0, 300))))?.[0] ?? "content";
}

/** A call to action is short, and drawn as a button or worded as a command. */
function isCta(text: string, isButton: boolean, intent: LinkIntent): boolean {
  if (text.length < 2 || text.length > 40 || intent === "unsubscribe" || intent === "social" || /^https?:|@|^view (?:this |it )?(?:email )?(?:in|on)/i.test(text)) return false;
  return isButton || ACTION.test(text);
}
