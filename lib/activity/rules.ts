/** What of the outbox is activity, and how it is said: pure, isomorphic. */
import type { RunTrigger } from "#lib/db/generated/enums";
import { formatCount } from "#lib/format/number";
import { NIGHTLY, sayPruned } from "#lib/retention/rules";
import { ACTIVITY_TYPE_NAMES, ACTIVITY_TYPES, type ActivityKind, type ActivityType } from "./fields.ts";

/** A run that waits is news only when someone's will is behind it; what data stream in make runs by the thousand. */
export const TELLING_TRIGGERS = ["web", "cli", "api", "schedule"] as const satisfies RunTrigger[];
/** Told whatever made the run. */
export const ALWAYS_TOLD = ACTIVITY_TYPE_NAMES.filter((type) => type !== "run.pending");

export type Act = {
  type: ActivityType;
  actor: string | null;
  /** Null for what belongs to no run. */
  run: { stage: string; triggeredBy: RunTrigger; retryOf: number | null } | null;
  /** As the event was recorded: what it says depends on its type, and on the version that wrote it. */
  data: Record<string, unknown>;
};

/** A retry is a trigger that names the run it repeats. */
export function kindOf({ type, run }: Pick<Act, "type" | "run">): ActivityKind {
  const { kind } = ACTIVITY_TYPES[type];
  return kind === "triggered" && run?.retryOf ? "retried" : kind;
}

/** What happened, as one sentence without the run's number: `local triggered classify`, `content completed`. */
export function sayActivity(act: Act): string {
  const stage = textOf(act.data.stage) ?? act.run?.stage ?? "A run";
  const who = act.run?.triggeredBy === "schedule" && act.type === "run.pending" ? (act.actor ? `Schedule ${act.actor}` : "The schedule") : (act.actor ?? "Someone");
  switch (kindOf(act)) {
    case "triggered":
      return `${who} triggered ${stage}`;
    case "retried":
      return `${who} retried #${act.run?.retryOf} as ${stage}`;
    case "started":
      return `${stage} started`;
    case "ended":
      return `${stage} ${act.type === "run.hold" ? "ended on hold" : act.type === "run.partial" ? "completed in part" : `${act.type === "run.skipped" || act.type === "run.cancelled" ? "was " : ""}${act.type.slice(4)}`}`;
    case "cancelled":
      return `${act.actor ?? "Someone"} asked to cancel ${stage}`;
    case "annotated":
      return sayAnnotation(act, stage);
    case "pinned":
      return `${act.actor ?? "Someone"} ${act.type === "run.pinned" ? "pinned" : "unpinned"} ${stage}`;
    case "paused":
      return `${act.actor ?? "Someone"} paused ${controlled(act)}${textOf(act.data.reason) ? `: ${textOf(act.data.reason)}` : ""}`;
    case "resumed":
      return `${act.actor ?? "Someone"} resumed ${controlled(act)}`;
    case "limited":
      return sayLimit(act);
    case "pruned":
      return `${act.actor === NIGHTLY ? "Retention" : (act.actor ?? "Someone")} removed ${sayPruned(act.data)}`;
    case "switched":
      return saySwitch(act);
    case "imported":
      return sayImport(act);
    case "import failed":
      return `Import of ${fileOf(act)} failed${textOf(act.data.error) ? `: ${textOf(act.data.error)}` : ""}`;
  }
}

function sayAnnotation({ actor, data }: Act, stage: string): string {
  const who = actor ?? "Someone";
  const key = textOf(data.key) ?? "it";
  const value = textOf(data.value);
  if (value === null) return `${who} removed ${key} from ${stage}`;
  return `${who} annotated ${stage}: ${key}${value === "" ? "" : ` = ${value}`}`;
}

function saySwitch({ type, actor, data }: Act): string {
  const who = actor ?? "Someone";
  if (type === "trading.risk_settings") return `${who} changed the risk settings${textOf(data.changed) ? `: ${textOf(data.changed)}` : ""}`;
  if (type === "trading.agent_switch") return `${who} switched ${(textOf(data.agent) ?? "an agent").replaceAll("_", " ")} ${data.isEnabled === true ? "on" : "off"}${textOf(data.reason) ? `: ${textOf(data.reason)}` : ""}`;
  return `${who} turned the kill switch ${data.isActive === true ? "on" : "off"}${textOf(data.reason) ? `: ${textOf(data.reason)}` : ""}`;
}

function sayImport(act: Act): string {
  if (typeof act.data.news === "number") return sayPriceImport(act, act.data.news, "headline");
  if (typeof act.data.bars === "number") return sayPriceImport(act, act.data.bars + numberOf(act.data.changed));
  const [messages, duplicates, problems] = [numberOf(act.data.messages), numberOf(act.data.duplicates), numberOf(act.data.problems)];
  const more = [duplicates > 0 && `${formatCount(duplicates)} known already`, problems > 0 && `${formatCount(problems)} with problems`].filter(Boolean);
  return `Imported ${formatCount(messages)} ${messages === 1 ? "message" : "messages"} from ${fileOf(act)}${more.length > 0 ? ` (${more.join(", ")})` : ""}`;
}

/** The stage, or the pipeline, that an operator has said something of. */
function controlled({ data }: Act): string {
  const [pipeline, stage] = [textOf(data.pipeline), textOf(data.stage)];
  if (pipeline === null) return "a stage";
  return stage === null ? `the pipeline ${pipeline}` : `${pipeline}/${stage}`;
}

function sayLimit(act: Act): string {
  const who = act.actor ?? "Someone";
  if (typeof act.data.limit !== "number") return `${who} took the limit of ${controlled(act)} back to its definition's`;
  return `${who} limited ${controlled(act)} to ${formatCount(act.data.limit)} ${act.data.limit === 1 ? "unit" : "units"} at a time`;
}

function sayPriceImport(act: Act, count: number, noun = "bar"): string {
  const [known, problems] = [numberOf(act.data.duplicates), numberOf(act.data.problems)];
  const more = [known > 0 && `${formatCount(known)} known already`, problems > 0 && `${formatCount(problems)} bad lines`].filter(Boolean);
  return `Imported ${formatCount(count)} ${count === 1 ? noun : `${noun}s`} from ${fileOf(act)}${more.length > 0 ? ` (${more.join(", ")})` : ""}`;
}

/** The file's own name: its folder says nothing to whoever reads the feed. */
const fileOf = ({ data }: Act): string => textOf(data.name)?.split(/[\\/]/).findLast((part) => part !== "") ?? "an archive";
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
