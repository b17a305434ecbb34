/** Everything that the content stage keeps of one message. */
import { messageOf } from "#lib/errors";
import { cleanText } from "./clean-text.ts";
import { templateComplexity } from "./complexity.ts";
import { decodeWords, parseHeaders } from "./headers.ts";
import { type Html, readHtml } from "./html.ts";
import { type Link, linksInText, readLinks } from "./links.ts";
import { type Attachment, readParts } from "./mime.ts";
import { findOffers, type Offer } from "./offers.ts";

export type Content = {
  body: string;
  signature: string | null;
  headline: string | null;
  has_html: boolean;
  word_count: number;
  ctas: { text: string; url: string }[];
  links: Link[];
  link_domains: string[];
  link_intents: Record<string, number>;
  offers: Offer[];
  personalization: string[];
  tracking_pixels: number;
  image_count: number;
  utm: Record<string, string>;
  postal_address: string | null;
  social_links: string[];
  attachments: Attachment[];
  template_complexity: number;
  problem: string | null;
};

const NO_CONTENT: Content = {
  body: "", signature: null, headline: null, has_html: false, word_count: 0, ctas: [], links: [], link_domains: [], link_intents: {}, offers: [], personalization: [],
  tracking_pixels: 0, image_count: 0, utm: {}, postal_address: null, social_links: [], attachments: [], template_complexity: 0, problem: null,
};

/**
 * @param raw the message as it was kept, null when its bytes are missing
 * @param headerBytes length of its header block; 0: it has none, and is all body
 * @returns never throws: `problem` says what was wrong
 */
export async function readContent(raw: Uint8Array | null, headerBytes: number): Promise<Content> {
  if (!raw) return { ...NO_CONTENT, problem: "The message's bytes are missing" };
  try {
    return await read(headerBytes > 0 ? raw : Buffer.concat([Buffer.from("\n"), raw]), headerBytes);
  } catch (error) {
    return { ...NO_CONTENT, problem: `The message could not be read: ${messageOf(error)}`.slice(0, 500) };
  }
}

async function read(raw: Uint8Array, headerBytes: number): Promise<Content> {
  const parts = await readParts(raw);
  const html = parts.html.trim() ? readHtml(parts.html) : null;
  const plain = parts.text;
  const text = html && isBetter(html, plain) ? html.text : plain;
  const { body, signature } = cleanText(text);
  const subject = decodeWords(parseHeaders(raw.subarray(0, headerBytes)).get("subject") ?? "").slice(0, 1_000);
  const links = readLinks(html ? html.links : linksInText(plain));
  const personalization = findPersonalization(subject, text);
  const images = html?.images ?? 0;
  const trackingPixels = html?.trackingPixels ?? 0;
  return {
    body,
    signature,
    headline: html?.headline ?? null,
    has_html: html !== null,
    word_count: body.match(/[\p{L}\p{N}][\p{L}\p{N}'’.-]*/gu)?.length ?? 0,
    ctas: links.ctas,
    links: links.links,
    link_domains: links.linkDomains,
    link_intents: links.linkIntents,
    offers: findOffers(subject, body),
    personalization,
    tracking_pixels: trackingPixels,
    image_count: images,
    utm: links.utm,
    postal_address: findPostalAddress(text),
    social_links: links.socialLinks,
    attachments: parts.attachments,
    template_complexity: templateComplexity({
      hasHtml: html !== null, tableDepth: html?.tableDepth ?? 0, images, links: links.links.length, ctas: links.ctas.length,
      isResponsive: html?.isResponsive ?? false, trackingPixels, personalization: personalization.length,
    }),
    problem: [parts.problem, html?.problem].filter(Boolean).join("; ") || null,
  };
}

/** The plain part marks quotes best, unless it is a stub ("view this message in your browser"). */
function isBetter({ text }: Html, plain: string): boolean {
  const words = (of: string) => of.slice(0, 20_000).match(/\S+/g)?.length ?? 0;
  return words(plain) < words(text) / 2;
}

const UNFILLED = /\{\{\s*[\w.| ]{1,60}\}\}|\*\|[A-Z_:]{2,40}\|\*|%%[\w-]{2,40}%%|%[A-Z_]{3,40}%|<%=?\s*[\w.]{1,60}\s*%>|\$\{[\w.]{1,40}\}|\[(?:first|last|full)[ _-]?name\]/gi;
const GREETING = /^\s*(?:hi|hey|hello|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen)|liebe[rs]?|sehr geehrte[rs]?(?: frau| herr)?|bonjour|cher|ch[èe]re|hola|estimad[oa]|ciao|buongiorno)[ ,]{1,2}((?:(?:mr|mrs|ms|dr|prof)\.? )?\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}[\p{L}'’-]{1,30}){0,2})\s?[,!.:-]?\s*$/iu;
/** Whom a greeting names when it names nobody. */
const NOBODY = /^(?:all|team|everyone|everybody|there|folks|friends?|customer|member|subscriber|reader|sir|madam|zusammen|kunde|kundin|leser|damen|tous|todos|again)\b/i;

function findPersonalization(subject: string, text: string): string[] {
  const found = new Set((`${subject}\n${text.slice(0, 50_000)}`.match(UNFILLED) ?? []).map((token) => token.slice(0, 80)));
  for (const line of text.slice(0, 5_000).split("\n").slice(0, 15)) {
    const name = line.length < 120 ? GREETING.exec(line)?.[1] : undefined;
    if (name && /^\p{Lu}/u.test(name) && !NOBODY.test(name)) found.add(line.trim().replace(/[\s,!.:-]+$/, ""));
  }
  return [...found].slice(0, 20);
}

const STREETS = /\b\d{1,5}[a-z]?,? (?:[\p{L}\p{N}.'’-]{1,30} ){1,5}(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|way|suite|ste|floor|fl|court|ct|place|pl|square|sq|parkway|pkwy)\b|\bp\.?o\.? box \d{1,6}|\b\p{L}{2,30} (?:street|road|avenue|lane|way|square|place) \d{1,4}|\b[\p{L}.'’-]{3,40}(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer)\s\d{1,4}|\b\d{1,4},? (?:rue|avenue|boulevard|place|quai|all[ée]e) |\b(?:calle|avenida|plaza|paseo)\s[\p{L} ]{2,40},? \d{1,4}/iu;
const POSTCODE = /\b[A-Z]{2},? \d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b(?:[A-Z]{1,2}-)?\d{4,5} \p{Lu}[\p{L}.-]{2,}|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b/u;

/** A street and a postcode on one line or two, searched from the end: that is where the law wants it. */
function findPostalAddress(text: string): string | null {
  const lines = text.slice(-20_000).split("\n").map((line) => line.trim().slice(0, 300)).filter((line) => line !== "").slice(-60);
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? "";
    if (!STREETS.test(line)) continue;
    const following = [line, ...lines.slice(index + 1, index + 3)];
    const end = following.findIndex((candidate) => POSTCODE.test(candidate));
    if (end >= 0) return following.slice(0, end + 1).join(", ").slice(0, 300);
  }
  return null;
}
