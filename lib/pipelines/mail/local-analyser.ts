/**
 * Stands in for a language model: counts words of tables and weighs flags, nothing else.
 * The same evidence always gives the same classification, and its confidence says how thin it may be.
 */
import type { Classification, Relationship } from "./classification.ts";
import type { Evidence } from "./evidence.ts";
import { INDUSTRY_ENDINGS, INDUSTRY_WORDS, INTENT_WORDS, isMailingService, KNOWN_LARGE, MAILBOX_PROVIDERS, NO_SENDER, SELLING_SUBJECT } from "./local-keywords.ts";

type Scored<T extends string> = { name: T; score: number };

/** Where a word was found says how much it means: a name chosen by the sender more than a sentence of one message. */
const WEIGHTS = { domain: 4, names: 3, entities: 1.5, subjects: 1, body: 0.5 };
/** More hits than this in one place say nothing more. */
const HITS_CAP = 4;
/** The share of bulk mail from which a sender counts as a bulk sender. */
const MOSTLY = 0.6;
/** The share of bills among the newest subjects from which a sender counts as one who sells to us. */
const BILLS_FROM = 0.25;

export function classifyLocally(evidence: Evidence): Classification {
  const texts = {
    domain: evidence.domain.replace(/[.-]/g, " "),
    names: evidence.senderNames.join(" "),
    entities: evidence.entities.filter(({ kind }) => kind === "organisation" || kind === "procurement" || kind === "role").map(({ value }) => value).join(" "),
    subjects: evidence.subjects.join("\n"),
    body: evidence.newest.body.slice(0, 4_000),
  };
  const industry = industryOf(evidence, texts);
  const intent = intentOf(evidence, texts);
  const relationship = relationshipOf(evidence, industry.name, intent.name);
  const sophistication = sophisticationOf(evidence);
  const confidence = confidenceOf(evidence, industry, intent);
  const company_size = companySizeOf(evidence, industry.name);
  const summary = `${evidence.domain} looks like ${industry.name === "personal" ? "private senders" : `a sender in ${industry.name.replace("_", " ")}`} with mostly ${intent.name.replace("_", " ")} mail: ${evidence.messages} ${evidence.messages === 1 ? "message" : "messages"}, ${Math.round(evidence.bulkRatio * 100)} % bulk.`;
  return { industry: industry.name, company_size, sophistication, intent: intent.name, relationship, confidence, summary };
}

type Texts = Record<keyof typeof WEIGHTS, string>;

function industryOf({ domain }: Evidence, texts: Texts): Scored<Classification["industry"]> {
  if (MAILBOX_PROVIDERS.has(domain) || domain === NO_SENDER) return { name: domain === NO_SENDER ? "other" : "personal", score: domain === NO_SENDER ? 0 : 8 };
  const scores = scoreAll(INDUSTRY_WORDS, texts);
  for (const [ending, industry] of INDUSTRY_ENDINGS) if (ending.test(domain)) scores.push({ name: industry, score: 8 });
  const best = highest(scores);
  return best && best.score >= 1.5 ? best : { name: "other", score: 0 };
}

function intentOf(evidence: Evidence, texts: Texts): Scored<Classification["intent"]> {
  const scores = scoreAll(INTENT_WORDS, { ...texts, domain: "", names: "", entities: "" });
  const add = (name: Classification["intent"], score: number) => scores.push({ name, score: score + (scores.find((other) => other.name === name)?.score ?? 0) });
  if (evidence.listRatio >= MOSTLY && evidence.replyRatio > 0.1) add("discussion", 4);
  else if (evidence.bulkRatio >= MOSTLY) add(evidence.offers.length > 0 ? "marketing" : "newsletter", 3);
  else if (evidence.automatedRatio >= MOSTLY) add("notification", 3);
  if (evidence.offers.length >= 3) add("marketing", 1.5);
  const bills = evidence.subjects.filter((subject) => SELLING_SUBJECT.test(subject)).length;
  // A supplier's mail is full of quotes and purchase orders too; the bills tell who buys from whom.
  if (evidence.bulkRatio < MOSTLY && bills >= 1 && bills >= BILLS_FROM * evidence.subjects.length) add("billing", 6);
  else if (evidence.entities.some(({ kind }) => kind === "procurement") && evidence.bulkRatio < MOSTLY) add("procurement", 2);
  if (MAILBOX_PROVIDERS.has(evidence.domain) && evidence.bulkRatio < MOSTLY) add(evidence.listRatio >= MOSTLY ? "discussion" : "personal", 2);
  // What nobody wrote by hand is no conversation, whatever its words.
  const possible = evidence.bulkRatio >= MOSTLY && evidence.listRatio < MOSTLY ? scores.filter(({ name }) => !["discussion", "personal", "sales_outreach"].includes(name)) : scores;
  const best = highest(possible);
  return best && best.score >= 1 ? best : { name: evidence.replyRatio > 0.2 ? "discussion" : "other", score: 0 };
}

function relationshipOf(evidence: Evidence, industry: Classification["industry"], intent: Classification["intent"]): Relationship {
  if (evidence.listRatio >= MOSTLY && evidence.replyRatio > 0.1) return "community";
  if (industry === "recruiting" || intent === "recruiting") return "recruiter";
  if (intent === "personal" || (industry === "personal" && evidence.bulkRatio < MOSTLY)) return "personal";
  if (intent === "partnership") return "partner";
  if (intent === "billing") return "vendor";
  if (evidence.bulkRatio >= MOSTLY) return intent === "transactional" || intent === "notification" || intent === "support" ? "platform" : "newsletter";
  if (evidence.automatedRatio >= MOSTLY || intent === "notification" || intent === "transactional") return "platform";
  if (intent === "procurement") return evidence.replyRatio >= 0.3 ? "customer" : "prospect";
  if (intent === "sales_outreach" || intent === "marketing") return "vendor";
  if (intent === "support") return "customer";
  return "unknown";
}

/** 0-10: template complexity up to 5, a sending service up to 2, bulk flags, personal offers and an own domain one each. */
function sophisticationOf(evidence: Evidence): number {
  const service = isMailingService(evidence.esp) ? 2 : 0;
  const points = evidence.complexity / 20 + service + (evidence.bulkRatio >= MOSTLY ? 1 : 0) + (evidence.offers.length > 1 ? 1 : 0) + (MAILBOX_PROVIDERS.has(evidence.domain) ? 0 : 1);
  return Math.max(0, Math.min(10, Math.round(points)));
}

/** Mailbox providers are people; what is known to be large is; otherwise how many write, and with what machinery. */
function companySizeOf(evidence: Evidence, industry: Classification["industry"]): Classification["company_size"] {
  if (industry === "personal") return "individual";
  if (KNOWN_LARGE.has(evidence.domain) || industry === "public_sector") return "large";
  const people = evidence.senderNames.length;
  if (people >= 5 && evidence.messages >= 50) return "large";
  if (people >= 3 || evidence.complexity >= 60) return "medium";
  if (people >= 1 && evidence.messages >= 2) return "small";
  return "unknown";
}

/** 0.2 with nothing found, at most 0.9: half from how clear the words were, half from how many messages there are. */
function confidenceOf(evidence: Evidence, industry: Scored<string>, intent: Scored<string>): number {
  const clear = (Math.min(industry.score, 8) + Math.min(intent.score, 6)) / 14;
  const many = Math.min(1, Math.log2(1 + evidence.messages) / 5);
  return Math.round((0.2 + 0.4 * clear + 0.3 * many) * 100) / 100;
}

function scoreAll<T extends string>(tables: Partial<Record<T, string[]>>, texts: Texts): Scored<T>[] {
  const places = (Object.keys(texts) as (keyof Texts)[]).map((place) => ({ place, text: texts[place].toLowerCase() })).filter(({ text }) => text !== "");
  return (Object.keys(tables) as T[]).map((name) => ({
    name,
    score: places.reduce((sum, { place, text }) => sum + WEIGHTS[place] * Math.min(HITS_CAP, (tables[name] ?? []).filter((word) => holds(text, word, place === "domain")).length), 0),
  }));
}

/** Whether a word of `text` begins with `stem`; in a domain, where words are written together, also inside one, unless the stem is short. */
function holds(text: string, stem: string, isDomain: boolean): boolean {
  if (isDomain && stem.length >= 4) return text.includes(stem);
  for (let at = text.indexOf(stem); at >= 0; at = text.indexOf(stem, at + 1)) {
    if (at === 0 || !/[a-z0-9]/.test(stem[0] ?? "") || !/[a-z0-9]/.test(text[at - 1] ?? "")) return true;
  }
  return false;
}

/** The best, and of equals the one that stands first in its table. */
function highest<T extends string>(scores: Scored<T>[]): Scored<T> | undefined {
  return scores.reduce<Scored<T> | undefined>((best, next) => (best && best.score >= next.score ? best : next), undefined);
}
