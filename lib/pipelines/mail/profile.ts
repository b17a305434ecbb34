/** What a profile says of a sender, worked out from its facts. Pure. */
import type { Facts } from "./profile-facts.ts";
import { isMailingService, MAILBOX_PROVIDERS, NO_SENDER } from "./local-keywords.ts";

const DAY_MS = 86_400_000;

/** Ten points that can be counted from the messages, one for each good habit; template complexity gives up to two. */
export function countedSophistication(facts: Facts): number {
  const habits = [facts.spf >= 0.5, facts.dkim >= 0.5, facts.dmarc >= 0.5, isMailingService(facts.esp), facts.unsubscribeRatio >= 0.5, facts.oneClickRatio >= 0.5, facts.personalizedRatio >= 0.2, facts.trackedRatio >= 0.5];
  return habits.filter(Boolean).length + facts.complexity / 50;
}

/** 0-10, one decimal: 60 parts counted, 40 parts the classifier's. Source: the seed's blend (contracts 2.2). */
export function sophisticationOf(facts: Facts): number {
  return Math.round((0.6 * countedSophistication(facts) + 0.4 * facts.modelSophistication) * 10) / 10;
}

/** Ten points of template complexity between the earlier and the later half of its messages make a trend; fewer than six messages make none. */
export function trendOf({ contents, complexityEarly, complexityLate }: Facts): "rising" | "falling" | "steady" | "unknown" {
  if (contents < 6) return "unknown";
  const change = complexityLate - complexityEarly;
  return change >= 10 ? "rising" : change <= -10 ? "falling" : "steady";
}

/** 0-100: 40 for SPF, 40 for DKIM, 20 for DMARC, each by the share of messages that passed. */
export const authQualityOf = ({ spf, dkim, dmarc }: Facts): number => Math.round(40 * spf + 40 * dkim + 20 * dmarc);

/** The name that the sender gives itself where it fits its domain ("Acme Corp" of acme.com), else the domain's first label. */
export function companyNameOf({ domain, senderName }: Facts): string {
  if (MAILBOX_PROVIDERS.has(domain) || domain === NO_SENDER) return domain;
  const label = domain.split(".")[0] ?? domain;
  if (senderName && plain(senderName).includes(plain(label)) && senderName.length <= 80) return senderName;
  return label.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
}
const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * 0-100, how well the sender is known and how much speaks for it: up to 30 for its messages (full at 255), 20 for answering,
 * 15 for known contacts (three), 15 for a sure classification, 10 for authentication, 10 for having written within 90 days.
 */
export function scoreOf(facts: Facts, now: Date): number {
  const recent = facts.lastSentAt !== null && now.getTime() - facts.lastSentAt.getTime() <= 90 * DAY_MS;
  const score = 30 * Math.min(1, Math.log2(1 + facts.messages) / 8)
    + 20 * Math.min(1, facts.replyRatio * 2)
    + 5 * Math.min(3, facts.contacts.length)
    + 15 * facts.confidence
    + authQualityOf(facts) / 10
    + (recent ? 10 : 0);
  return Math.max(0, Math.min(100, Math.round(score)));
}
