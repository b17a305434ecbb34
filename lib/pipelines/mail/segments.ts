/** Which groups a sender belongs to, and how much a gem is worth: by tables. Pure. */
import type { GemType } from "./gems.ts";

const DAY_MS = 86_400_000;

/** A profile as far as segments and scores look at it. `days` is how long before the archive's end it last wrote, null when never dated. */
export type Segmented = {
  industry: string;
  intent: string;
  relationship: string;
  confidence: number;
  messages: number;
  bulkRatio: number;
  replyRatio: number;
  sophistication: number;
  score: number;
  contacts: number;
  amounts: number;
  days: number | null;
  gems: string[];
};

export type FoundSegment = { segment: SegmentName; subSegment: string; confidence: number; reason: string };
export type SegmentName = "spend" | "partner" | "prospect" | "distribution" | "procurement" | "dormant";

/** What money goes to, by the vendor's industry. */
const SPEND_ON = new Map(Object.entries({
  software: "software", telecommunications: "utilities", energy: "utilities", finance: "financial_services", insurance: "financial_services", marketing: "marketing", media: "marketing", logistics: "supply",
  manufacturing: "supply", retail: "supply", food: "supply", travel: "travel", consulting: "professional_services", legal: "professional_services", recruiting: "people", education: "people", real_estate: "premises",
}));
const PARTNER_AS = new Map(Object.entries({ software: "integration", retail: "channel", marketing: "channel", consulting: "services", education: "research", open_source: "research", media: "content", entertainment: "content" }));
/** Names of stretches of silence, each up to so many days. */
const PROSPECT_HEAT: [days: number, name: string][] = [[30, "active"], [90, "warm"], [Infinity, "cold"]];
const DORMANT_FOR: [days: number, name: string][] = [[60, "recent"], [180, "lapsed"], [365, "long_lapsed"]];

const RULES: Record<SegmentName, (sender: Segmented) => Omit<FoundSegment, "segment"> | null> = {
  spend: ({ relationship, industry, amounts, confidence }) =>
    relationship === "vendor" || (relationship === "platform" && amounts > 0)
      ? { subSegment: SPEND_ON.get(industry) ?? "other_spend", confidence: bounded(confidence + (amounts > 0 ? 0.2 : 0)), reason: amounts > 0 ? `A ${relationship} that names ${amounts} amounts of money` : "A vendor" }
      : null,
  partner: ({ relationship, intent, industry, confidence }) =>
    relationship === "partner" || intent === "partnership"
      ? { subSegment: PARTNER_AS.get(industry) ?? "general", confidence: bounded(confidence + (relationship === "partner" && intent === "partnership" ? 0.1 : 0)), reason: relationship === "partner" ? "A partner" : "Writes about partnership" }
      : null,
  prospect: ({ relationship, days, confidence }) =>
    relationship === "prospect" ? { subSegment: stretch(PROSPECT_HEAT, days) ?? "cold", confidence, reason: days === null ? "A prospect" : `A prospect, last heard of ${days} days before the archive ends` } : null,
  distribution: ({ relationship, industry, bulkRatio, confidence }) =>
    relationship === "community" || relationship === "newsletter"
      ? { subSegment: relationship === "community" ? "mailing_list" : industry === "media" ? "press" : "newsletter", confidence: bounded(confidence + 0.2 * bulkRatio), reason: `Reaches many at once: ${Math.round(bulkRatio * 100)} % bulk` }
      : null,
  procurement: ({ gems, relationship, confidence }) =>
    gems.includes("procurement_interest") ? { subSegment: relationship === "customer" ? "customer_request" : "new_request", confidence: bounded(confidence + 0.1), reason: "Its mail names terms of buying" } : null,
  dormant: ({ days, messages, bulkRatio, relationship, confidence }) => {
    const name = days === null || days < 14 ? null : stretch(DORMANT_FOR, days);
    return name && messages >= 3 && bulkRatio < 0.8 && !["newsletter", "community", "platform"].includes(relationship) ? { subSegment: name, confidence: bounded(confidence), reason: `Silent for ${days} days after ${messages} messages` } : null;
  },
};

export function findSegments(sender: Segmented): FoundSegment[] {
  return (Object.keys(RULES) as SegmentName[]).flatMap((segment) => {
    const found = RULES[segment](sender);
    return found ? [{ segment, ...found }] : [];
  });
}

/** Of 30: what kind of opportunity it is. */
const GEM_BONUS: Record<GemType, number> = {
  procurement_interest: 30, renewal_upcoming: 26, unanswered_thread: 24, partnership: 22, cross_sell: 20, vendor_consolidation: 18, dormant_relationship: 16, distribution_list: 10, industry_insight: 6,
};
/** What a gem of such a sender can be worth at most. */
const CAPS = new Map(Object.entries({ customer: 100, prospect: 95, partner: 95, vendor: 85, unknown: 70, recruiter: 60, personal: 60, community: 55, platform: 50, newsletter: 45 }));
const OTHER_CAP = 70;

export type ScoreParts = { inbound: number; profile: number; gem: number; cap: number; total: number };

/**
 * 0-100 in three parts, then capped by relationship (weights 30, 40, 30 from the seed, contracts 2.2).
 * Inbound: up to 10 each for how much the sender writes (full at 63 messages), how often it answers, and how lately (full today, none after 180 days).
 * Profile: 20 for the profile's score, 8 for a sure classification, 4 for sophistication, 8 for known contacts (four).
 */
export function scoreGem(type: string, sender: Segmented): ScoreParts {
  const recency = sender.days === null ? 0 : Math.max(0, 1 - sender.days / 180);
  const inbound = Math.round(10 * Math.min(1, Math.log2(1 + sender.messages) / 6) + 10 * Math.min(1, sender.replyRatio * 2) + 10 * Math.min(1, recency));
  const profile = Math.round(0.2 * sender.score + 8 * sender.confidence + 0.4 * sender.sophistication + 2 * Math.min(4, sender.contacts));
  const gem = Object.hasOwn(GEM_BONUS, type) ? GEM_BONUS[type as GemType] : 0;
  const cap = CAPS.get(sender.relationship) ?? OTHER_CAP;
  return { inbound, profile, gem, cap, total: Math.max(0, Math.min(cap, inbound + profile + gem)) };
}

/** Whole days between a sender's last message and the archive's end; 0 when it wrote after that. */
export const daysBefore = (sentAt: Date | null, now: Date): number | null => (sentAt === null ? null : Math.max(0, Math.floor((now.getTime() - sentAt.getTime()) / DAY_MS)));

const bounded = (confidence: number) => Math.round(Math.max(0, Math.min(1, confidence)) * 100) / 100;
const stretch = (names: [days: number, name: string][], days: number | null): string | null => (days === null ? null : (names.find(([upTo]) => days <= upTo)?.[1] ?? null));
