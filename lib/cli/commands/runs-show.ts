import { formatDuration } from "#lib/format/duration";
import { prettyJson } from "#lib/format/json";
import { formatCount } from "#lib/format/number";
import { formatTime } from "#lib/format/time";
import type { RunDetail } from "#lib/runs/queries";
import { describeRules } from "#lib/stages/rules";
import type { UnitRow } from "#lib/trace/queries";
import { runId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, renderFacts, renderTable } from "../output.ts";
import { paint, printStatus } from "../style.ts";

/** Units that the table shows; JSON has them all. */
const UNITS_SHOWN = 50;

export const positionals = "<id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `Shows the facts of a run, why it waits or failed, and its units (the first ${UNITS_SHOWN} in a table, all in JSON).`;
export const examples = ["./penstock runs show 12", "./penstock runs show 12 --json"];

export async function run(io: Io, { values, positionals: [id = ""] }: Args<typeof options>): Promise<number> {
  const wanted = runId(id);
  const format = outputFormat(values);
  return withDoor(io, async (door) => {
    const run = await door.getRun(wanted);
    const units: UnitRow[] = [];
    let after: number | null | undefined;
    do {
      const page = await door.listUnits(wanted, { after: after ?? undefined, limit: format === "table" ? UNITS_SHOWN : 1_000 });
      units.push(...page.rows);
      after = page.next;
    } while (after !== null && format !== "table");
    const more = after === null ? "" : `Only the first ${UNITS_SHOWN} units; --json has them all.\n`;
    printOne(io, format, run, { id: run.id, json: { ...run, units }, table: () => `${drawFacts(io, run)}\n${drawUnits(io, units)}${more}` });
    return EXIT.done;
  });
}

function drawFacts(io: Io, run: RunDetail): string {
  const link = (other: { id: number; stage: string; status: RunDetail["status"] }) => `#${other.id} ${other.stage} ${printStatus(io, other.status)}`;
  const time = (at: Date | null) => at && formatTime(at);
  return renderFacts(io, [
    ["Run", `#${run.id}${run.externalId ? ` (${run.externalId})` : ""}`],
    ["Stage", `${run.pipeline}/${run.stage}`],
    ["Status", printStatus(io, run.status)],
    ["Outcome", run.outcome],
    ["Reason", run.reason],
    ["Waits", run.waiting?.text],
    ["Error", run.errorMessage && `${run.errorClass ? `${run.errorClass}: ` : ""}${run.errorMessage}`],
    ["Cause", run.cause && `${run.cause.title}. ${run.cause.hint}`],
    ["Items", `${formatCount(run.itemsProcessed)}${run.itemsTotal === null ? "" : ` of ${formatCount(run.itemsTotal)}`}${run.itemsFailed > 0 ? `, ${formatCount(run.itemsFailed)} failed` : ""}`],
    ["Units", `${formatCount(run.unitsDone)} of ${formatCount(run.unitsTotal)}${run.unitsFailed > 0 ? `, ${formatCount(run.unitsFailed)} failed` : ""}`],
    ["ETA", run.etaMs === null ? null : formatDuration(run.etaMs)],
    ["Created", `${formatTime(run.createdAt)} by ${run.createdBy ?? "nobody"} through ${run.triggeredBy}`],
    ["Started", time(run.startedAt)],
    ["Cancel asked", time(run.cancelRequestedAt)],
    ["Completed", time(run.completedAt)],
    ["Duration", run.durationMs === null ? null : formatDuration(run.durationMs)],
    ["Limits", describeRules(run.configSnapshot)],
    ["Parameters", prettyJson(run.params)],
    ["Configuration", prettyJson(run.configSnapshot)],
    ["Retry of", run.retryOf === null ? null : `#${run.retryOf}`],
    ["Waits for", run.waitsFor.map(link).join("\n")],
    ["Group", run.group.map(link).join("\n")],
  ]);
}

function drawUnits(io: Io, units: UnitRow[]): string {
  if (units.length === 0) return "";
  // A unit's status is one of a run's.
  return renderTable(io, units, [
    { header: "Unit", align: "right", print: (unit) => String(unit.seq) },
    { header: "Name", print: (unit) => unit.name },
    { header: "Status", print: (unit) => printStatus(io, unit.status) },
    { header: "Attempt", align: "right", print: (unit) => String(unit.attempt) },
    { header: "Worker", align: "right", print: (unit) => (unit.workerId === null ? "–" : String(unit.workerId)) },
    { header: "Items", align: "right", print: (unit) => `${formatCount(unit.itemsDone)}${unit.itemsTotal === null ? "" : `/${formatCount(unit.itemsTotal)}`}` },
    { header: "Failed", align: "right", print: (unit) => formatCount(unit.itemsFailed) },
    { header: "Duration", align: "right", print: (unit) => (unit.durationMs === null ? "–" : formatDuration(unit.durationMs)) },
    { header: "Error", print: (unit) => `${unit.retryAt ? `tried again at ${formatTime(unit.retryAt)}: ` : ""}${paint(io, "red", unit.error ?? "")}` },
  ]);
}
