/** What a person wrote: without what they answered to, how they signed, and what the law put below. */

export type CleanText = { body: string; signature: string | null };

const MAX_CHARS = 300_000;
const MAX_BODY_CHARS = 50_000;
const MAX_LINE_CHARS = 2_000;
const FOOTER_LINES = 20;
const CLOSING_LINES = 12;
const MAX_SIGNATURE_LINES = 25;

/** "On 3 May, Anna wrote:" in four languages; the line before it may hold its beginning. */
const INTRO = /^(?:>\s*)?(?:on\b.{4,300}\bwrote|am\b.{4,300}\bschrieb(?:\s.{1,200})?|le\b.{4,300}\ba [ée]crit|el\b.{4,300}\bescribi[óo]|il\b.{4,300}\bha scritto|op\b.{4,300}\bschreef(?:\s.{1,200})?)\s?:$/i;
const INTRO_BEGIN = /^(?:on|am|le|el|il|op)\b.{8,300}\d/i;
const SEPARATOR = /^-{2,}\s?(?:original message|original appointment|forwarded message|urspr[üu]ngliche nachricht|originalnachricht|weitergeleitete nachricht|message d'origine|message transf[ée]r[ée]|mensaje original|mensaje reenviado|messaggio originale|oorspronkelijk bericht)\s?-{2,}$/i;
const HEADER_FROM = /^\*?(?:from|von|de|da|van)\s?:\*?\s?\S/i;
const HEADER_SENT = /^\*?(?:sent|date|gesendet|datum|envoy[ée]|enviado(?: el)?|fecha|inviato|verzonden)\s?:\*?\s?\S/i;
const FOOTER = /unsubscrib|opt[- ]out|you (?:are receiv|receiv|got this|have receiv)|this e?-?mail was sent (?:to|by)|manage (?:your )?(?:email )?preferences|update your preferences|view (?:this email )?in (?:your )?browser|privacy (?:policy|notice)|all rights reserved|^(?:©|\(c\)|copyright)\s|abmelden|abbestellen|im browser (?:ansehen|[öo]ffnen)|impressum|datenschutz|se d[ée]sabonner|d[ée]sinscri|politique de confidentialit|darse de baja|pol[íi]tica de privacidad|confidentiality notice|this (?:e-?mail|message) (?:and any|is confidential|may contain)/i;
const CLOSING = /^(?:(?:best|kind|warm|warmest|many)(?: regards| wishes| thanks)?|regards|sincerely|yours (?:sincerely|truly|faithfully)|cheers|thanks|thank you|thanks (?:again|and regards)|all the best|mit (?:freundlichen|besten|herzlichen) gr[üu](?:ß|ss)en|(?:viele|beste|liebe|herzliche|freundliche) gr[üu](?:ß|ss)e|mfg|cordialement|bien [àa] (?:vous|toi)|salutations|saludos(?: cordiales)?|un saludo|atentamente)\s?[,.!]?$/i;

/** Never leaves an empty body of a message that has words: then nothing is cut. */
export function cleanText(text: string): CleanText {
  const lines = text.slice(0, MAX_CHARS).replace(/\r\n?/g, "\n").replace(/[\u00a0\u2007\u202f]/g, " ").replace(/[\u00ad\u200b-\u200f\ufeff]|\u034f/g, "").split("\n").map((line) => line.slice(0, MAX_LINE_CHARS).trimEnd());
  const own = cutFooter(cutQuotes(lines));
  const { body, signature } = cutSignature(own);
  const kept = joined(body) || joined(own) || joined(lines);
  return { body: kept.slice(0, MAX_BODY_CHARS), signature: joined(body) ? joined(signature).slice(0, 2_000) || null : null };
}

const joined = (lines: string[]) => lines.join("\n").replace(/\n{3,}/g, "\n\n").trim();

/** Quoted lines go wherever they stand. Below a separator or an introduction without quote marks goes everything: the answer stands above. */
function cutQuotes(lines: string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (/^\s?>/.test(line)) continue;
    const flat = line.trim();
    if (SEPARATOR.test(flat)) break;
    if (HEADER_FROM.test(flat) && lines.slice(index + 1, index + 4).some((next) => HEADER_SENT.test(next.trim()))) break;
    const span = introLines(lines, index);
    if (span > 0) {
      const next = lines.slice(index + span).find((candidate) => candidate.trim() !== "");
      if (next === undefined || !/^\s?>/.test(next)) break;
      index += span - 1;
      continue;
    }
    kept.push(line);
  }
  while (kept.length > 0 && /^[\s_-]*$/.test(kept.at(-1) ?? "")) kept.pop();
  return kept;
}

/** How many lines from `index` introduce a quote: mail programs break the long one. */
function introLines(lines: string[], index: number): number {
  const first = (lines[index] ?? "").trim();
  if (INTRO.test(first)) return 1;
  if (!INTRO_BEGIN.test(first)) return 0;
  for (const span of [2, 3]) {
    if (INTRO.test(lines.slice(index, index + span).map((line) => line.trim()).join(" "))) return span;
  }
  return 0;
}

/** Legal and list matter in the last 20 lines, as long as most of the message stands above it. */
function cutFooter(lines: string[]): string[] {
  const last = lines.findLastIndex((line) => line.trim() !== "");
  const from = Math.max(last + 1 - FOOTER_LINES, Math.ceil((last + 1) / 2));
  for (let index = from; index <= last; index += 1) {
    if (FOOTER.test(lines[index] ?? "")) return lines.slice(0, index);
  }
  return lines;
}

function cutSignature(lines: string[]): { body: string[]; signature: string[] } {
  const last = lines.findLastIndex((line) => line.trim() !== "");
  const mark = lines.findLastIndex((line) => /^--\s?$/.test(line));
  if (mark >= 0 && last - mark <= MAX_SIGNATURE_LINES) return { body: lines.slice(0, mark), signature: lines.slice(mark + 1) };
  for (let index = Math.max(1, last - CLOSING_LINES); index <= last; index += 1) {
    if (CLOSING.test((lines[index] ?? "").trim())) return { body: lines.slice(0, index), signature: lines.slice(index) };
  }
  return { body: lines, signature: [] };
}
