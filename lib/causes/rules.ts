/** Known errors, and what to do about them. Pure, isomorphic. The first that fits wins, so narrow ones stand first. */

import { CausePattern } from "#lib/db/generated/enums";

export type CauseHint = { title: string; hint: string };

export const CAUSE_PATTERNS = Object.values(CausePattern);
/** Each is tried on every error that is shown. */
export const MAX_CAUSE_RULES = 200;

/** A known cause that people have written down. */
export type CauseRule = CauseHint & {
  id: number;
  kind: CausePattern;
  pattern: string;
  /** Only for failures of this pipeline, and of this stage; null for any. */
  pipeline: string | null;
  stage: string | null;
  /** Lower ones are asked first. */
  position: number;
  enabled: boolean;
  updatedBy: string;
  updatedAt: Date;
};

type Cause = CauseHint & { pattern: RegExp };

/** Matched against `class: message`. Source of the first ones: seeds/pipeline-runs-view.md, "Investigate failures". */
const CAUSES: readonly Cause[] = [
  {
    pattern: /unable to infer type for attribute ["']?REGEX/i,
    title: "The language model does not fit the Python version",
    hint: "spaCy before 3.8.10 cannot be loaded by Python 3.14. Run the stage with Python 3.13, or update spaCy and its model, then trigger the stage again.",
  },
  {
    pattern: /can'?t find model ['"]?\w+_core|no module named ['"]?spacy|cannot find (package|module) ['"]?compromise/i,
    title: "The language library is missing",
    hint: "Install it (./penstock start installs what Penstock itself needs), then trigger the stage again: only messages that are still open are processed.",
  },
  {
    pattern: /poison|killed (its|the|\d+) workers?|worker (was )?(killed|died|lost).*(3|three) times|crashed (3|three) times/i,
    title: "It killed its worker three times",
    hint: "Something in this unit ends the whole process, often memory. Look at the unit's input and its last log lines, make the batch smaller, and retry only this unit.",
  },
  {
    pattern: /heap out of memory|out of memory|ERR_WORKER_OUT_OF_MEMORY|cannot allocate memory|ENOMEM|\b53200\b/i,
    title: "Out of memory",
    hint: "Make the batch smaller, lower WORKER_CONCURRENCY, or give the machine more memory. What was processed before is kept.",
  },
  {
    pattern: /no space left|ENOSPC|disk (is )?full|could not extend file|\b53100\b|DISK_FULL/i,
    title: "The disk is full",
    hint: "Free some space where the database lives, then trigger the stage again. Nothing that was written is lost.",
  },
  {
    pattern: /database (table )?is locked|SQLITE_BUSY|deadlock detected|could not serialize access|lock timeout|\b(40P01|40001|55P03)\b/i,
    title: "The database was locked",
    hint: "Two writers wanted the same rows at once. Trigger the stage again; if it happens often, run fewer workers or let the stages run one after another.",
  },
  {
    pattern: /statement timeout|canceling statement due to|\b57014\b/i,
    title: "A database statement took too long",
    hint: "The database gave it up. Try again when the machine is less busy, or with a smaller batch.",
  },
  {
    pattern: /too many (clients|connections)|remaining connection slots|\b53300\b/i,
    title: "The database has no free connection",
    hint: "Run fewer workers, lower WORKER_CONCURRENCY, or raise max_connections of the server.",
  },
  {
    pattern: /(password authentication failed|no pg_hba|role .* does not exist|\b28P01\b|\b28000\b)/i,
    title: "The database refused the sign-in",
    hint: "Check the user and the password in DATABASE_URL.",
  },
  {
    pattern: /(postgres|database|\bpg\b|5432).*(ECONNREFUSED|terminat|unreachable|not available|reset)|terminating connection|connection terminated|can't reach database|the database system is (starting up|shutting down)|\b(57P0[123]|08\d{3}|P1001)\b|ECONNREFUSED.*:5432/i,
    title: "The database could not be reached",
    hint: "Check that PostgreSQL runs and that DATABASE_URL is right. Workers go on by themselves when it is back; a failed run can be triggered again.",
  },
  {
    pattern: /\b429\b|rate.?limit|too many requests|insufficient_quota|quota exceeded/i,
    title: "The AI provider limits the rate",
    hint: "Wait, or raise the limit of your plan, then trigger the stage again: only the items that failed are asked for.",
  },
  {
    pattern: /\b401\b|\b403\b|unauthori[sz]ed|invalid api key|incorrect api key|authentication ?error|permission ?denied ?error/i,
    title: "The AI provider refused the key",
    hint: "Check PENSTOCK_AI_API_KEY, restart, and trigger the stage again.",
  },
  {
    pattern: /model .*(not found|does not exist)|has no model|model_not_found|unknown model/i,
    title: "The AI provider does not know the model",
    hint: "Check PENSTOCK_AI_MODEL; with Ollama, pull the model first.",
  },
  {
    pattern: /context.?length|maximum context|too many tokens|context_length_exceeded/i,
    title: "The prompt is too long for the model",
    hint: "Choose a model with a larger context, or shorten what the stage sends.",
  },
  {
    pattern: /\b(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_\w*TIMEOUT|APIConnectionTimeoutError)\b|timed? ?out|TimeoutError/i,
    title: "The AI provider did not answer in time",
    hint: "Check that it runs and is not overloaded; a larger model needs a larger PENSTOCK_AI_TIMEOUT_MS. Trigger the stage again: only the items that failed are asked for.",
  },
  {
    pattern: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ECONNRESET|EHOSTUNREACH|APIConnectionError|connection error|fetch failed|socket hang up|certificate|nothing listens at|could not be (looked up|asked)|broke the connection off/i,
    title: "The AI provider could not be reached",
    hint: "Check that it runs and that PENSTOCK_AI_BASE_URL is right. Without that variable the local analyser answers. Then trigger the stage again: only the items that failed are asked for.",
  },
  {
    pattern: /\b(500|502|503|504|529)\b.*(status|error|gateway|unavailable|overload)|server error|internal server error|bad gateway|service unavailable|overloaded/i,
    title: "The AI provider has a fault of its own",
    hint: "Try again later: only the items that failed are asked for.",
  },
  {
    pattern: /(answer|response|reply|output).*(not valid|invalid|not json|does not match|did not match|schema|parse)|invalid answer|unexpected token|JSON|ZodError/i,
    title: "The AI provider's answer was not usable",
    hint: "It is not in the form that was asked for. The AI call shows it word for word; a larger model, or one that keeps to JSON, usually helps.",
  },
  {
    pattern: /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    title: "Penstock may not read or write there",
    hint: "Check the owner and the rights of the file, and of PENSTOCK_HOME.",
  },
  {
    pattern: /ENOENT|no such file/i,
    title: "A file is missing",
    hint: "It was moved or deleted since. Put it back, or import it again.",
  },
];

/** Where it failed, and with what. */
export type FailedWith = { errorClass: string | null; message: string; pipeline?: string; stage?: string };

/** What is known about an error, or null. What people have written down comes before what is built in. */
export function findCause(failure: FailedWith, rules: readonly CauseRule[] = []): CauseHint | null {
  // Only the beginning: it holds the reason, and no pattern may be led through megabytes.
  const text = `${failure.errorClass ?? ""}: ${failure.message.slice(0, 2_000)}`.slice(0, 2_000);
  const cause = rules.find((rule) => rule.enabled && isOf(rule, failure) && fits(rule, text)) ?? CAUSES.find(({ pattern }) => pattern.test(text));
  return cause ? { title: cause.title, hint: cause.hint } : null;
}

const isOf = (rule: CauseRule, { pipeline, stage }: FailedWith): boolean =>
  (rule.pipeline === null || rule.pipeline === pipeline) && (rule.stage === null || rule.stage === stage);

/**
 * Whether a pattern stands anywhere in the text, upper and lower case alike; `*` of a wildcard pattern is any text.
 * The parts are looked for one behind the other, the first place each: if any places fit these do, and nothing is tried twice.
 */
export function fits({ kind, pattern }: Pick<CauseRule, "kind" | "pattern">, text: string): boolean {
  const low = text.toLowerCase();
  const parts = kind === "wildcard" ? pattern.toLowerCase().split("*") : [pattern.toLowerCase()];
  let from = 0;
  for (const part of parts) {
    const at = low.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

/** The built-in ones, for people to read. */
export const BUILT_IN_CAUSES: readonly CauseHint[] = CAUSES.map(({ title, hint }) => ({ title, hint }));
