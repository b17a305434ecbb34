/** What a sender is to us, weighed from its classifications and its habits. A person's word stands above it. */
import type { Db } from "#lib/db/client";
import type { Facts } from "./profile-facts.ts";
import { MAILBOX_PROVIDERS } from "./local-keywords.ts";

/** From here on a detected relationship is applied. */
export const APPLIED_FROM = 0.6;

/** How much the classifications' agreement counts; the rest comes from habits below. */
const VOTE_WEIGHT = 0.75;

/** Habits that speak for a relationship: how much, and in which words. */
const HABITS: { relationship: string; weight: number; speaks: (facts: Facts) => string | null }[] = [
  { relationship: "community", weight: 0.25, speaks: ({ listRatio, replyRatio }) => (listRatio >= 0.6 && replyRatio > 0.1 ? "writes through a mailing list and answers there" : null) },
  { relationship: "newsletter", weight: 0.2, speaks: ({ bulkRatio, replyRatio }) => (bulkRatio >= 0.8 && replyRatio <= 0.1 ? "sends almost nothing but bulk mail" : null) },
  { relationship: "platform", weight: 0.2, speaks: ({ automatedRatio, money }) => (automatedRatio >= 0.8 && money.length === 0 ? "sends automatic messages" : null) },
  { relationship: "vendor", weight: 0.2, speaks: ({ money, intent }) => (money.length > 0 && intent === "billing" ? `bills: ${money.length} amounts` : null) },
  { relationship: "vendor", weight: 0.1, speaks: ({ renewals }) => (renewals.length > 0 ? `names ${renewals.length} dates of renewal or expiry` : null) },
  { relationship: "customer", weight: 0.2, speaks: ({ procurement, replyRatio }) => (procurement.length > 0 && replyRatio >= 0.3 ? "asks to buy, and answers" : null) },
  { relationship: "prospect", weight: 0.2, speaks: ({ procurement, replyRatio }) => (procurement.length > 0 && replyRatio < 0.3 ? "asks to buy" : null) },
  { relationship: "partner", weight: 0.2, speaks: ({ intent, replyRatio }) => (intent === "partnership" && replyRatio >= 0.2 ? "speaks of working together, and answers" : null) },
  { relationship: "personal", weight: 0.25, speaks: ({ domain, bulkRatio }) => (MAILBOX_PROVIDERS.has(domain) && bulkRatio < 0.5 ? "writes from a public mailbox provider" : null) },
];

export type Detected = { relationship: string; confidence: number; evidence: string[] };

/** The likeliest relationship; of equals the classifications' own. An override by a person is certain. */
export function detectRelationship(facts: Facts): Detected {
  if (facts.relationshipOverridden) return { relationship: facts.relationship, confidence: 1, evidence: ["A person set it"] };
  const vote: Detected = {
    relationship: facts.relationship,
    confidence: facts.relationship === "unknown" ? 0 : VOTE_WEIGHT * facts.relationshipShare * facts.confidence,
    evidence: [`${Math.round(facts.relationshipShare * 100)} % of its classifications say ${facts.relationship}`],
  };
  const found = [vote];
  for (const { relationship, weight, speaks } of HABITS) {
    const words = speaks(facts);
    if (!words) continue;
    const same = found.find((candidate) => candidate.relationship === relationship);
    if (same) {
      same.confidence += weight;
      same.evidence.push(words);
    } else found.push({ relationship, confidence: weight, evidence: [words] });
  }
  const best = found.reduce((left, right) => (right.confidence > left.confidence ? right : left));
  return { ...best, confidence: Math.round(Math.min(1, best.confidence) * 100) / 100 };
}

/** Keeps what was detected, if it is sure enough and no person has said otherwise. */
export async function saveRelationship(db: Db, domain: string, { relationship, confidence, evidence }: Detected): Promise<void> {
  if (confidence < APPLIED_FROM) return;
  await db.$executeRaw`
    insert into sender_relationships (sender_domain, relationship, confidence, source, evidence, updated_by, updated_at)
    values (${domain}, ${relationship}, ${confidence}, 'auto', ${evidence}::text[], null, now())
    on conflict (sender_domain) do update
      set relationship = excluded.relationship, confidence = excluded.confidence, evidence = excluded.evidence, updated_at = excluded.updated_at
    where sender_relationships.source = 'auto'`;
}
