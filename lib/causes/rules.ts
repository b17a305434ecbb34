/** Known errors, and what to do about them. Pure, isomorphic. The first that fits wins, so narrow ones stand first. */

export type CauseHint = { title: string; hint: string };

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

/** What is known about an error, or null. */
export function findCause({ errorClass, message }: { errorClass: string | null; message: string }): CauseHint | null {
  // Only the beginning: it holds the reason, and no pattern may be led through megabytes.
  const text = `${errorClass ?? ""}: ${message}`.slice(0, 2_000);
  const cause = CAUSES.find(({ pattern }) => pattern.test(text));
  return cause ? { title: cause.title, hint: cause.hint } : null;
}
