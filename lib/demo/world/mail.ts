/** The demo's mailbox and what its seven stages do with it. Its own tables are not touched: this is only what runs would tell. */
import type { Draw } from "#lib/draw";
import { FAULTS, type FaultName, PROVIDER, TIMEOUT_MS } from "./faults.ts";
import { DOMAINS, MODELS, some } from "./people.ts";
import { CLASSIFY, ENGAGE } from "./prompts.ts";
import { around, type Json } from "./run.ts";
import type { RunWriter } from "./writer.ts";

export const MAIL_STAGES = ["metadata", "content", "entities", "classify", "profile", "segment", "engage"] as const;
export type MailStage = (typeof MAIL_STAGES)[number];
/** Engage is left out of Run all: it drafts messages to people. */
export const GROUP_STAGES = MAIL_STAGES.filter((stage) => stage !== "engage");

const BATCHES = { metadata: 4, content: 34, entities: 58 } as const;
type BatchStage = keyof typeof BATCHES;
const isBatch = (stage: MailStage): stage is BatchStage => stage in BATCHES;
const BATCH_SIZE = 200;
const CHUNK = 50;
const SENDERS_PER_UNIT = 25;

export const paramsOf = (stage: MailStage): Json => (isBatch(stage) ? { batchSize: BATCH_SIZE } : stage === "classify" ? { retrain: false, batchSize: SENDERS_PER_UNIT } : stage === "engage" ? { limit: 10 } : { batchSize: SENDERS_PER_UNIT });
export const snapshotOf = (stage: MailStage): Json => (stage === "classify" || stage === "engage" ? { provider: PROVIDER, model: MODELS.small } : {});

const INDUSTRY: Record<string, string> = { press: "media", logistics: "logistics", bank: "finance", travel: "travel", software: "software", energy: "energy" };

/** How far each stage has come, in messages; what is between two stages waits for the later one. */
export class Mailbox {
  arrived = 0;
  readonly #done: Record<BatchStage | "classify", number> = { metadata: 0, content: 0, entities: 0, classify: 0 };
  #toProfile = new Set<string>();
  #toSegment = new Set<string>();
  #gems = 0;

  /** Whether anything waits for the stage. */
  hasWork(stage: MailStage): boolean {
    if (isBatch(stage) || stage === "classify") {
      const { from, to } = this.#waiting(stage);
      return to >= from;
    }
    return { profile: this.#toProfile.size, segment: this.#toSegment.size, engage: this.#gems }[stage] > 0;
  }

  /** Writes what `stage` does with all that waits. `slowness` 1 is how the provider was at first; `fault` befalls it. */
  work(stage: MailStage, writer: RunWriter, { fault, slowness }: { fault: FaultName | null; slowness: number }): void {
    if (isBatch(stage)) this.#batches(stage, writer, fault);
    else if (stage === "classify") this.#classify(writer, fault, slowness);
    else if (stage === "profile") this.#profile(writer);
    else if (stage === "segment") this.#segment(writer);
    else this.#engage(writer, fault, slowness);
  }

  #waiting(stage: BatchStage | "classify"): { from: number; to: number } {
    const before = { metadata: this.arrived, content: this.#done.metadata, entities: this.#done.content, classify: this.#done.entities }[stage];
    return { from: this.#done[stage] + 1, to: before };
  }

  #batches(stage: BatchStage, writer: RunWriter, fault: FaultName | null): void {
    const { draw } = writer;
    const { from, to } = this.#waiting(stage);
    const units = Math.ceil((to - from + 1) / BATCH_SIZE);
    writer.plan(around(draw, 9, 0.4), { items: to - from + 1 || null, output: { units, waves: 1, items: to - from + 1 } });
    // A database that goes away takes every unit with it, anything else one.
    const struck = fault && fault !== "charset" ? draw.integer(0, Math.max(0, units - 1)) : -1;
    const isStruck = (index: number) => struck >= 0 && (fault === "database" || index === struck);
    for (let index = 0; index < units; index += 1) {
      const first = from + index * BATCH_SIZE;
      const last = Math.min(to, first + BATCH_SIZE - 1);
      const unit = writer.unit(`messages ${first}-${last}`, { fromId: first, toId: last }, last - first + 1);
      for (let id = first; id <= last; id += CHUNK) {
        const until = Math.min(last, id + CHUNK - 1);
        const isBroken = isStruck(index) && (fault === "database" || until === last);
        const name = `messages ${id}-${until}`;
        const ms = around(draw, (until - id + 1) * BATCHES[stage], 0.25);
        if (isBroken && fault) {
          unit.step(name, ms, { input: { messages: until - id + 1 }, fault: FAULTS[fault] });
          unit.log(`${name}: ${FAULTS[fault].message}`, "error");
          unit.end({ fault: FAULTS[fault] });
          break;
        }
        unit.step(name, ms, { input: { messages: until - id + 1 }, output: { messages: until - id + 1, problems: draw.chance(0.2) ? draw.integer(1, 3) : 0 } });
        const bad = fault === "charset" ? Math.min(draw.integer(0, 2) + (id === from ? 1 : 0), until - id) : 0;
        for (let n = 0; n < bad; n += 1) unit.failed(`message ${id + n}`, FAULTS.charset);
        unit.done(until - id + 1 - bad);
      }
      if (!isStruck(index)) {
        unit.log(`messages ${first} to ${last}: read`);
        unit.end();
      }
    }
    if (stage === "metadata" && units > 0 && struck === -1) {
      const settle = writer.settle();
      settle.step("recompute senders", around(draw, 40, 0.3), { output: { senders: draw.integer(20, DOMAINS.length) } });
      settle.end({ output: { senders: DOMAINS.length } });
    }
    if (struck === -1) this.#done[stage] = Math.max(to, this.#done[stage]);
  }

  #classify(writer: RunWriter, fault: FaultName | null, slowness: number): void {
    const { draw } = writer;
    const { from, to } = this.#waiting("classify");
    const messages = to - from + 1;
    const domains = messages <= 0 ? [] : some(draw, DOMAINS, Math.min(messages, Math.max(3, Math.round(Math.sqrt(messages) * 1.7))));
    const each = Math.floor(messages / Math.max(1, domains.length));
    // The last sender has what is left over.
    const rest = messages - each * domains.length;
    writer.plan(around(draw, 22, 0.4), { items: messages || null, output: { units: Math.ceil(domains.length / SENDERS_PER_UNIT), waves: 1, items: messages } });
    for (let at = 0; at < domains.length; at += SENDERS_PER_UNIT) {
      const batch = domains.slice(at, at + SENDERS_PER_UNIT);
      const unit = writer.unit(batch.length === 1 ? (batch[0] ?? "") : `${batch[0]} to ${batch.at(-1)}`, { senders: batch.map((domain) => ({ domain, everything: false })) }, batch.length * each + (at + batch.length === domains.length ? rest : 0));
      let failed = 0;
      // One fault in ten answers is a bad day; a provider that is down answers nobody.
      const isHit = (index: number) => fault !== null && (isDown(fault) || index % 10 === at % 10);
      batch.forEach((domain, index) => {
        const hit = fault && isHit(index) ? FAULTS[fault] : null;
        const ms = hit === FAULTS.timeout ? TIMEOUT_MS : around(draw, 1_350 * slowness, 0.35);
        unit.ask(`classify ${domain}`, ms, classifyQuestion(draw, domain, each), classification(draw, domain), { input: { everything: false }, fault: hit });
        if (hit) {
          failed += 1;
          unit.failed(domain, hit);
        } else unit.done(each + (at + index === domains.length - 1 ? rest : 0));
      });
      unit.log(`${batch.length} senders asked about, ${failed} failed`, failed > 0 ? "warn" : "info");
      unit.end({ output: { senders: batch.length, failed } });
    }
    if (fault && isDown(fault)) return;
    this.#done.classify = Math.max(to, this.#done.classify);
    for (const domain of domains) this.#toProfile.add(domain);
  }

  #profile(writer: RunWriter): void {
    const { draw } = writer;
    const domains = [...this.#toProfile].toSorted();
    writer.plan(around(draw, 18, 0.4), { items: domains.length || null, output: { units: Math.ceil(domains.length / SENDERS_PER_UNIT), waves: 1, items: domains.length } });
    for (let at = 0; at < domains.length; at += SENDERS_PER_UNIT) {
      const batch = domains.slice(at, at + SENDERS_PER_UNIT);
      const unit = writer.unit(batch.length === 1 ? (batch[0] ?? "") : `${batch[0]} to ${batch.at(-1)}`, { domains: batch }, batch.length);
      for (const domain of batch) {
        unit.step(`profile ${domain}`, around(draw, 90, 0.4), { output: { score: draw.integer(28, 94), gems: draw.integer(0, 2), relationship: draw.pick(["vendor", "platform", "newsletter", "customer"]) } });
        unit.done();
      }
      unit.end();
    }
    if (domains.length > 0) {
      const settle = writer.settle();
      const gems = draw.integer(1, 1 + Math.ceil(domains.length / 6));
      settle.step("compare vendors", around(draw, 60, 0.3), { output: { changed: gems } });
      settle.end({ output: { consolidationChanges: gems } });
      this.#gems += gems;
    }
    for (const domain of this.#toProfile) this.#toSegment.add(domain);
    this.#toProfile = new Set();
  }

  #segment(writer: RunWriter): void {
    const { draw } = writer;
    const domains = [...this.#toSegment].toSorted();
    writer.plan(around(draw, 12, 0.4), { items: domains.length || null, output: { units: Math.min(1, domains.length), waves: 1, items: domains.length } });
    if (domains.length > 0) {
      const unit = writer.unit(`${domains[0]} to ${domains.at(-1)}`, { domains }, domains.length);
      unit.step(`segment ${domains[0]} to ${domains.at(-1)}`, around(draw, 240 + 12 * domains.length, 0.3), { input: { senders: domains.length }, output: { segments: draw.integer(4, 9) } });
      unit.done(domains.length);
      unit.end();
    }
    this.#toSegment = new Set();
  }

  #engage(writer: RunWriter, fault: FaultName | null, slowness: number): void {
    const { draw } = writer;
    const drafts = Math.min(10, this.#gems);
    writer.plan(around(draw, 12, 0.4), { items: drafts || null, output: { units: Math.min(1, drafts), waves: 1, items: drafts } });
    if (drafts > 0) {
      const unit = writer.unit(`${drafts} gems`, { gems: drafts }, drafts);
      some(draw, DOMAINS, drafts).forEach((domain, index) => {
        const hit = fault && (isDown(fault) || index === 1) ? FAULTS[fault] : null;
        const ms = hit === FAULTS.timeout ? TIMEOUT_MS : around(draw, 3_900 * slowness, 0.3);
        const value = { subject: `Your renewal with ${companyOf(domain)}`, body: "Hello, before we renew we would like to compare the terms with last year's. Which plan fits a team of twelve?" };
        unit.ask(`draft ${domain}`, ms, { provider: PROVIDER, model: MODELS.small, subject: domain, template: ENGAGE, given: { days: draw.integer(9, 40), domain } },
          { value, inputTokens: draw.integer(380, 760), outputTokens: draw.integer(60, 130) }, { input: { strategy: "ask_for_terms" }, fault: hit });
        if (hit) unit.failed(domain, hit);
        else unit.done();
      });
      unit.end();
    }
    this.#gems -= drafts;
  }
}

/** Faults that hit every question; the others hit some. */
const isDown = (fault: FaultName): boolean => fault === "timeout" || fault === "unreachable" || fault === "overloaded";

const companyOf = (domain: string): string => domain.replace(".example", "").split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");

function classifyQuestion(draw: Draw, domain: string, messages: number) {
  const given = {
    domain, messages, bulk: draw.integer(0, 100), automated: draw.integer(0, 60), replies: draw.integer(0, 25), service: draw.pick(["none", "mailgun", "own server"]), complexity: draw.integer(3, 88),
    subject: draw.pick(["Your statement is ready", "New terms from next month", "Your booking", "What changed this week"]),
  };
  return { provider: PROVIDER, model: MODELS.small, subject: domain, template: CLASSIFY, given };
}

function classification(draw: Draw, domain: string) {
  const kind = domain.replace(".example", "").split("-")[1] ?? "";
  const value = {
    industry: INDUSTRY[kind] ?? "other", company_size: draw.pick(["small", "medium", "large"]), sophistication: draw.integer(2, 9),
    intent: draw.pick(["newsletter", "billing", "notification", "marketing", "transactional"]), relationship: draw.pick(["vendor", "platform", "newsletter", "customer"]),
    confidence: draw.integer(61, 98) / 100, summary: `${companyOf(domain)} writes about its ${INDUSTRY[kind] ?? "own"} services.`,
  };
  return { value, inputTokens: draw.integer(520, 1_900), outputTokens: draw.integer(70, 120) };
}
