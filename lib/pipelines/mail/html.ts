/** What a reader sees of an HTML body, and what it is made of. A stream of tags, never a tree: depth costs nothing. */
import { Parser } from "htmlparser2";

export type HtmlLink = { text: string; url: string; /** Drawn as a button. */ isButton: boolean };
export type Html = {
  text: string;
  headline: string | null;
  links: HtmlLink[];
  images: number;
  trackingPixels: number;
  tableDepth: number;
  isResponsive: boolean;
  problem: string | null;
};

const MAX_HTML_CHARS = 1_000_000;
const MAX_TEXT_CHARS = 300_000;
const MAX_LINKS = 1_000;
/** The parser's own stack is an array that shifts: past this depth each tag costs more than the one before. */
const MAX_DEPTH = 1_000;
const SLICE_CHARS = 16_384;

const BLOCKS = new Set("address article aside blockquote body center div dl dd dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody thead tr ul".split(" "));
const SILENT = new Set("head script style template title object svg math".split(" "));
const QUOTE_CLASS = /\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|OutlookMessageHeader|protonmail_quote|zmail_extra)\b/;
const QUOTE_ID = /^(?:divRplyFwdMsg|appendonsend|reply-intro|isReplyContent)/i;
const HIDDEN = /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)|mso-hide\s*:\s*all/i;
const BUTTON_STYLE = /(?:background(?:-color)?\s*:\s*(?!transparent|none|inherit|#fff\b|#ffffff|white)\S|border-radius\s*:|padding(?:-[a-z]+)?\s*:\s*(?:[6-9]|[1-9]\d))/i;

type Open = { name: string; isHidden: boolean; isQuote: boolean };

/** Never throws; `problem` says when only the beginning was read. Quoted answers and hidden text are left out. */
export function readHtml(html: string): Html {
  const found: Html = { text: "", headline: null, links: [], images: 0, trackingPixels: 0, tableDepth: 0, isResponsive: /@media[^{]{0,200}max-width/i.test(html.slice(0, 300_000)), problem: null };
  const open: Open[] = [];
  const count = { hidden: 0, quote: 0, silent: 0, tables: 0 };
  const chunks: string[] = [];
  let chars = 0;
  let headings: Record<string, string> = {};
  let heading: { name: string; text: string } | null = null;
  let link: HtmlLink | null = null;
  const say = (text: string) => {
    if (chars >= MAX_TEXT_CHARS) return;
    chunks.push(text);
    chars += text.length;
  };
  const endLink = () => {
    if (link && found.links.length < MAX_LINKS) found.links.push({ ...link, text: squeeze(link.text).slice(0, 200) });
    link = null;
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      const style = attributes.style ?? "";
      const entry = { name, isHidden: HIDDEN.test(style) || "hidden" in attributes, isQuote: isQuote(name, attributes) };
      if (open.length < MAX_DEPTH * 20) open.push(entry);
      if (entry.isHidden) count.hidden += 1;
      if (entry.isQuote) count.quote += 1;
      if (SILENT.has(name)) count.silent += 1;
      if (name === "table") found.tableDepth = Math.max(found.tableDepth, (count.tables += 1));
      if (count.quote > 0) return;
      if (name === "br" || BLOCKS.has(name)) say("\n");
      if (name === "li") say("- ");
      if (name === "td" || name === "th") say(" ");
      if (/^h[1-3]$/.test(name)) heading = { name, text: "" };
      if (name === "img") {
        if (count.hidden > 0 || isPixel(attributes, style)) found.trackingPixels += 1;
        else {
          found.images += 1;
          if (link && link.text.trim() === "") link.text = (attributes.alt ?? "").slice(0, 200);
        }
      }
      if (name === "a") {
        endLink();
        const url = (attributes.href ?? "").trim();
        if (url) link = { text: "", url: url.slice(0, 2_000), isButton: attributes.role === "button" || /\b(?:button|btn|cta)/i.test(attributes.class ?? "") || BUTTON_STYLE.test(style) };
      }
    },
    ontext(text) {
      if (count.silent + count.hidden + count.quote > 0) return;
      const flat = text.replace(/[\t\r\n ]+/g, " ");
      say(flat);
      if (link && link.text.length < 400) link.text += flat;
      if (heading && heading.text.length < 400) heading.text += flat;
    },
    onclosetag(name) {
      const entry = open.at(-1)?.name === name ? open.pop() : undefined;
      if (entry?.isHidden) count.hidden -= 1;
      if (entry?.isQuote) count.quote -= 1;
      if (SILENT.has(name)) count.silent = Math.max(0, count.silent - 1);
      if (name === "table") count.tables = Math.max(0, count.tables - 1);
      if (name === "a") endLink();
      if (heading?.name === name) {
        const text = squeeze(heading.text);
        if (text.length > 2) headings = { [name]: text, ...headings };
        heading = null;
      }
      if (BLOCKS.has(name) && count.quote === 0) say("\n");
    },
  }, { decodeEntities: true });

  const bounded = html.slice(0, MAX_HTML_CHARS);
  if (html.length > MAX_HTML_CHARS) found.problem = `Read only the first ${MAX_HTML_CHARS} characters of its HTML`;
  for (let at = 0; at < bounded.length; at += SLICE_CHARS) {
    parser.write(bounded.slice(at, at + SLICE_CHARS));
    if (open.length > MAX_DEPTH) {
      found.problem = `Its HTML nests deeper than ${MAX_DEPTH}: the rest is left out`;
      break;
    }
  }
  parser.end();
  endLink();
  found.text = tidy(chunks.join("").slice(0, MAX_TEXT_CHARS));
  found.headline = (headings.h1 ?? headings.h2 ?? headings.h3)?.slice(0, 300) ?? null;
  return found;
}

const squeeze = (text: string) => text.replace(/(?:[\s\u00a0\u00ad\u200b-\u200f\u2007\ufeff]|\u034f)+/g, " ").trim();

function isQuote(name: string, attributes: Record<string, string>): boolean {
  return (name === "blockquote" && (attributes.type === "cite" || /\b(?:cite|quote)/i.test(attributes.class ?? "")))
    || QUOTE_CLASS.test(attributes.class ?? "")
    || QUOTE_ID.test(attributes.id ?? "");
}

/** Images nobody can see: 0 or 1 pixel both ways, or hidden. */
function isPixel(attributes: Record<string, string>, style: string): boolean {
  const isTiny = (value: string | undefined) => value !== undefined && /^\s*[01](?:px)?\s*$/.test(value);
  const styled = (side: string) => new RegExp(`(?:^|[;\\s])(?:max-)?${side}\\s*:\\s*([^;!]{0,20})`, "i").exec(style)?.[1];
  return HIDDEN.test(style) || "hidden" in attributes || (isTiny(styled("width") ?? attributes.width) && isTiny(styled("height") ?? attributes.height));
}

/** Lines without padding, at most one empty one between two. */
function tidy(text: string): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const flat = squeeze(line);
    if (flat !== "" || (lines.length > 0 && lines.at(-1) !== "")) lines.push(flat);
  }
  return lines.join("\n").trim();
}
