import type { AffectedRun, ErrorGroupDetail } from "#lib/error-groups/queries";
import { isRegression } from "#lib/error-groups/rules";
import { countOf, formatCount } from "#lib/format/number";
import { formatTime } from "#lib/format/time";
import { errorGroupId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { printGroupStatus } from "../error-group-status.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, renderFacts, renderTable } from "../output.ts";
import { printStatus } from "../style.ts";

/** Runs that are shown, newest first. */
const RUNS_SHOWN = 50;

export const positionals = "<id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `Shows what an error group is about, what is known of its cause, and the runs that failed with it (the newest ${RUNS_SHOWN}).`;
export const examples = ["./penstock errors show 12", "./penstock errors show 12 --json"];

export async function run(io: Io, { values, positionals: [id = ""] }: Args<typeof options>): Promise<number> {
  const wanted = errorGroupId(id);
  return withCtx(io, async (ctx) => {
    const { getErrorGroup, listRunsOfErrorGroup } = await import("#lib/error-groups/queries");
    const group = await getErrorGroup(ctx, wanted);
    const { rows, next } = await listRunsOfErrorGroup(ctx, wanted, { limit: RUNS_SHOWN });
    const more = next === null ? "" : `Only the newest ${RUNS_SHOWN} runs.\n`;
    printOne(io, outputFormat(values), group, { id: group.id, json: { ...group, affectedRuns: rows }, table: () => `${drawFacts(io, group)}\n${drawRuns(io, rows)}${more}` });
    return EXIT.done;
  });
}

function drawFacts(io: Io, group: ErrorGroupDetail): string {
  const mark = (at: Date | null, by: string | null) => at && `${formatTime(at)} by ${by ?? "itself"}`;
  return renderFacts(io, [
    ["Group", String(group.id)],
    ["Status", `${printGroupStatus(io, group.status)}${isRegression(group) ? ", came back after it was resolved" : ""}`],
    ["Stage", `${group.pipeline}/${group.stage}`],
    ["Step", group.step],
    ["Error", `${group.errorClass}: ${group.sampleMessage}`],
    ["Counted as", group.normalisedMessage],
    ["Cause", group.cause && `${group.cause.title}. ${group.cause.hint}`],
    ["Count", `${formatCount(group.count)} in ${countOf(group.runs, "run")}`],
    ["First seen", `${formatTime(group.firstSeen)} with version ${group.versionFirst}`],
    ["Last seen", `${formatTime(group.lastSeen)} with version ${group.versionLast}`],
    ["Came back", group.regressions > 0 ? group.regressions === 1 ? "once" : `${group.regressions} times` : null],
    ["Resolved", mark(group.resolvedAt, group.resolvedBy)],
    ["Ignored", mark(group.ignoredAt, group.ignoredBy)],
    ["Reopened", mark(group.reopenedAt, group.reopenedBy)],
  ]);
}

function drawRuns(io: Io, runs: AffectedRun[]): string {
  if (runs.length === 0) return "";
  return renderTable(io, runs, [
    { header: "Run", align: "right", print: (run) => `#${run.id}` },
    { header: "Status", print: (run) => printStatus(io, run.status) },
    { header: "Failures", align: "right", print: (run) => formatCount(run.count) },
    { header: "First", print: (run) => formatTime(run.firstAt) },
    { header: "Last", print: (run) => formatTime(run.lastAt) },
  ]);
}
