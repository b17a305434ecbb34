import { formatCount } from "#lib/format/number";
import { formatRelative } from "#lib/format/time";
import type { StageCard } from "#lib/stages/queries";
import { AppError } from "#lib/errors";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { findStartable } from "../startable.ts";
import { printStatus } from "../style.ts";

export const options = {
  pipeline: { type: "string", value: "pipeline", help: "only stages of this pipeline" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "Parameters are shown with their defaults; give them with ./penstock run <stage> --param name=value.";
export const examples = ["./penstock stages ls", "./penstock stages ls --pipeline mail --json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  // Judged before a database is asked for, or started; a server elsewhere may have others.
  if (values.pipeline !== undefined) await findStartable(io, values.pipeline, true);
  return withDoor(io, async (door) => {
    const pipelines = await door.listPipelines();
    if (values.pipeline !== undefined && !pipelines.some(({ name }) => name === values.pipeline)) throw new AppError("NOT_FOUND", `${door.name} has no pipeline "${values.pipeline}". It has: ${pipelines.map(({ name }) => name).join(", ")}.`);
    const stages = pipelines.filter(({ name }) => values.pipeline === undefined || name === values.pipeline).flatMap((pipeline) => pipeline.stages.map((stage) => ({ ...stage, pipelinePause: pipeline.pause })));
    printRows(io, outputFormat(values), stages, {
      id: (stage) => `${stage.pipeline}/${stage.name}`,
      empty: "No stages.",
      columns: [
        { header: "Stage", print: (stage) => `${stage.pipeline}/${stage.name}` },
        { header: "Needs", print: ({ needs }) => needs.join(", ") || "–" },
        { header: "Rows", align: "right", print: ({ rows, countError }) => printCount(rows, countError) },
        { header: "Waiting", align: "right", print: ({ waiting, countError }) => printCount(waiting, countError) },
        { header: "In flight", align: "right", print: ({ inFlight, limit }) => (limit === null ? formatCount(inFlight) : `${formatCount(inFlight)}/${formatCount(limit)}`) },
        { header: "In line", align: "right", print: ({ inLine }) => (inLine === 0 ? "–" : formatCount(inLine)) },
        { header: "Paused", print: (stage) => printPause(stage, io.now()) },
        { header: "Last run", print: ({ lastRun }) => (lastRun ? `#${lastRun.id} ${printStatus(io, lastRun.status)}` : "–") },
        { header: "When", print: ({ lastRun }) => (lastRun ? formatRelative(lastRun.startedAt ?? lastRun.createdAt, io.now()) : "–") },
        { header: "Parameters", print: ({ fields }) => fields.map(printField).join(" ") },
      ],
    });
    const fault = stages.find(({ countError }) => countError !== null);
    if (fault) throw new AppError("UNAVAILABLE", `Stage ${fault.name} could not count its rows: ${fault.countError}`);
    return EXIT.done;
  });
}

/** "–" where a stage counts nothing, "?" where it could not. */
const printCount = (count: number | null, countError: string | null): string => (count !== null ? formatCount(count) : countError === null ? "–" : "?");

function printPause({ pause, pipelinePause }: StageCard & { pipelinePause: StageCard["pause"] }, now: Date): string {
  const paused = pause ?? pipelinePause;
  if (!paused) return "–";
  return `by ${paused.by} ${formatRelative(paused.at, now)}${pause ? "" : ", with its pipeline"}${paused.reason === null ? "" : `: ${paused.reason}`}`;
}

function printField({ name, default: value }: StageCard["fields"][number]): string {
  return value === undefined || value === null ? name : `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`;
}
