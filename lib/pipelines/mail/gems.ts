/**
 * Gems: opportunities in what a sender wrote, by rules that a person can check. Nine types, eight of them found in one
 * sender's facts here; `vendor_consolidation` compares senders and is in gem-rows.ts.
 */
import { NO_SENDER } from "./local-keywords.ts";
import type { Facts } from "./profile-facts.ts";

export const GEM_TYPES = [
  "dormant_relationship", "unanswered_thread", "renewal_upcoming", "partnership", "procurement_interest",
  "vendor_consolidation", "industry_insight", "distribution_list", "cross_sell",
] as const;
export type GemType = (typeof GEM_TYPES)[number];

export type FoundGem = { type: GemType; subjectKey: string; title: string; reason: string; evidence: { messageIds?: number[]; quotes?: string[]; facts: Record<string, string | number> } };

const DAY_MS = 86_400_000;
/** Silence of this many days is dormancy: less is a pause, more is over. Source: the seed (contracts 2.2). */
export const DORMANT_DAYS = { from: 14, to: 365 };
/** A question waits at least this long before it counts as unanswered. */
const UNANSWERED_AFTER_DAYS = 3;
const RENEWAL_WITHIN_DAYS = 90;
/** The share of bulk mail from which a sender is a bulk sender: nobody reads an answer there. */
const BULK_FROM = 0.8;
/** Threads per sender; the newest ones. */
const MAX_THREADS = 5;

/** Words after which nothing is open any more. */
const COMPLETED = /\b(all set|resolved|case closed|closing (this|the) (ticket|case|request|thread)|no longer (needed|interested|required)|order (is )?complete|contract (was |is |has been )?(signed|executed)|thanks?,? that('s| is) all|not interested|position has been filled|no further action|nothing (else|further|more) (is )?(needed|required))\b/i;
const ASKS = /\?|\b(please (let (me|us) know|advise|confirm|reply|respond|send)|could you|can you|would you|looking forward to (your|hearing))/i;

type Rule = {
  /** What the sender must be to us. */
  relationships: string[];
  /** Whether it holds for bulk senders too. */
  fromBulk: boolean;
  find: (facts: Facts, now: Date) => FoundGem[];
};

const RULES: Record<Exclude<GemType, "vendor_consolidation">, Rule> = {
  /** Someone we dealt with fell silent 14 to 365 days ago after three messages or more, and had not said that it was over. */
  dormant_relationship: {
    relationships: ["customer", "prospect", "vendor", "partner"],
    fromBulk: false,
    find: (facts, now) => {
      const days = daysSince(facts.lastSentAt, now);
      if (facts.messages < 3 || days === null || days < DORMANT_DAYS.from || days > DORMANT_DAYS.to || COMPLETED.test(facts.lastWords)) return [];
      return [{ type: "dormant_relationship", subjectKey: "", title: `${facts.domain} has been silent for ${days} days`, reason: `${facts.messages} messages, the last ${days} days before the archive ends.`, evidence: { facts: { messages: facts.messages, days } } }];
    },
  },
  /** A person asked us something directly, three days to a year ago, and nobody wrote in that thread since. */
  unanswered_thread: {
    relationships: ["customer", "prospect", "vendor", "partner", "recruiter", "personal", "unknown"],
    fromBulk: false,
    find: (facts, now) =>
      facts.openThreads
        .map((thread) => ({ ...thread, days: daysSince(new Date(thread.sentAt), now) ?? 0 }))
        .filter(({ days, subject, body }) => days >= UNANSWERED_AFTER_DAYS && days <= DORMANT_DAYS.to && ASKS.test(`${subject}\n${body}`) && !COMPLETED.test(body))
        .slice(0, MAX_THREADS)
        .map(({ threadKey, messageId, subject, body, days }) => ({
          type: "unanswered_thread", subjectKey: threadKey.slice(0, 500), title: `Unanswered: ${subject.slice(0, 120) || "(no subject)"}`,
          reason: `A question of ${days} days ago that nobody answered in its thread.`, evidence: { messageIds: [messageId], quotes: quote(body, ASKS), facts: { days } },
        })),
  },
  /** A date of renewal or expiry lies in the 90 days ahead. */
  renewal_upcoming: {
    relationships: ["vendor", "partner", "platform", "customer", "prospect", "unknown"],
    fromBulk: true,
    find: (facts, now) =>
      facts.renewals
        .map((renewal) => ({ ...renewal, days: -(daysSince(new Date(renewal.date), now) ?? 0) }))
        .filter(({ date, days }) => new Date(date).getTime() >= now.getTime() - DAY_MS && days <= RENEWAL_WITHIN_DAYS)
        .map(({ date, type, messageId, days }) => ({
          type: "renewal_upcoming", subjectKey: `${type}:${date}`, title: `${type === "renewal" ? "Renewal" : "Expiry"} with ${facts.domain} on ${date}`,
          reason: `The date is named in its mail and is ${Math.max(0, days)} days after the archive ends.`, evidence: { messageIds: [messageId], facts: { date, days: Math.max(0, days) } },
        })),
  },
  /** It speaks of working together, and has written within a year. */
  partnership: {
    relationships: ["partner", "prospect", "customer", "vendor", "unknown"],
    fromBulk: false,
    find: (facts, now) => {
      const days = daysSince(facts.lastSentAt, now);
      if (days === null || days > DORMANT_DAYS.to || (facts.intent !== "partnership" && facts.relationship !== "partner") || COMPLETED.test(facts.lastWords)) return [];
      return [{ type: "partnership", subjectKey: "", title: `${facts.domain} may want to work together`, reason: `Classified as ${facts.intent === "partnership" ? "partnership mail" : "a partner"}; last heard of ${days} days before the archive ends.`, evidence: { facts: { messages: facts.messages, days } } }];
    },
  },
  /** Two or more terms of buying (quotation, tender, purchase order) in mail that people wrote. */
  procurement_interest: {
    relationships: ["customer", "prospect", "partner", "unknown"],
    fromBulk: false,
    find: (facts, now) => {
      const days = daysSince(facts.lastSentAt, now);
      if (facts.procurement.length < 2 || days === null || days > DORMANT_DAYS.to || COMPLETED.test(facts.lastWords)) return [];
      return [{ type: "procurement_interest", subjectKey: "", title: `${facts.domain} asks to buy`, reason: `Its mail names ${facts.procurement.slice(0, 5).join(", ")}.`, evidence: { quotes: facts.procurement.slice(0, 10), facts: { terms: facts.procurement.length, days } } }];
    },
  },
  /** A bulk sender of one clear industry that writes often: worth reading for what that industry does. */
  industry_insight: {
    relationships: ["newsletter"],
    fromBulk: true,
    find: (facts) =>
      facts.messages < 5 || facts.bulkRatio < 0.6 || ["other", "personal"].includes(facts.industry)
        ? []
        : [{ type: "industry_insight", subjectKey: "", title: `${facts.domain} writes about ${facts.industry.replaceAll("_", " ")}`, reason: `${facts.messages} bulk messages of one industry.`, evidence: { facts: { messages: facts.messages, industry: facts.industry } } }],
  },
  /** At least half of three messages or more came through one list: a place where many can be reached at once. */
  distribution_list: {
    relationships: ["community", "newsletter"],
    fromBulk: true,
    find: (facts) =>
      facts.listId === null || facts.messages < 3 || facts.listRatio < 0.5
        ? []
        : [{ type: "distribution_list", subjectKey: facts.listId.slice(0, 300), title: `${facts.domain} writes through ${facts.listId.slice(0, 100)}`, reason: `${Math.round(facts.listRatio * 100)} % of ${facts.messages} messages carry this list.`, evidence: { facts: { messages: facts.messages } } }],
  },
  /** A customer who is active, five messages or more and one within 90 days, and is not already asking for a quotation. */
  cross_sell: {
    relationships: ["customer"],
    fromBulk: false,
    find: (facts, now) => {
      const days = daysSince(facts.lastSentAt, now);
      if (facts.messages < 5 || days === null || days > 90 || facts.procurement.length >= 2) return [];
      return [{ type: "cross_sell", subjectKey: "", title: `${facts.domain} is an active customer`, reason: `${facts.messages} messages, the last ${days} days before the archive ends.`, evidence: { facts: { messages: facts.messages, days } } }];
    },
  },
};

/** The gems in one sender's facts; none of an excluded sender or of mail without one. `relationship` is the one that holds, a person's first. */
export function findGems(facts: Facts, relationship: string, now: Date): FoundGem[] {
  if (facts.isExcluded || facts.domain === NO_SENDER) return [];
  const isBulk = facts.bulkRatio >= BULK_FROM;
  return Object.values(RULES)
    .filter(({ relationships, fromBulk }) => relationships.includes(relationship) && (fromBulk || !isBulk))
    .flatMap(({ find }) => find({ ...facts, relationship }, now));
}

/** Whole days, never negative for the past; null without a date. */
function daysSince(date: Date | null, now: Date): number | null {
  return date === null || Number.isNaN(date.getTime()) ? null : Math.floor((now.getTime() - date.getTime()) / DAY_MS);
}

/** The line in which the pattern stands, shortened. */
function quote(text: string, pattern: RegExp): string[] {
  const line = text.split("\n").find((candidate) => pattern.test(candidate));
  return line ? [line.trim().slice(0, 300)] : [];
}
