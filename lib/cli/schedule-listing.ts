import { formatRelative, formatTime } from "#lib/format/time";
import type { ScheduleHealth } from "#lib/schedules/rules";
import type { ScheduleRow } from "#lib/schedules/queries";
import type { Io } from "./command.ts";
import type { Listing } from "./output.ts";
import { paint, printStatus } from "./style.ts";

const MARKS: Record<ScheduleHealth, ["red" | "green" | "grey", string]> = {
  late: ["red", "✗ late"],
  refused: ["red", "✗ refused"],
  failing: ["red", "✗ failing"],
  paused: ["grey", "‖ paused"],
  new: ["grey", "○ new"],
  ok: ["green", "✓ ok"],
};

/** How schedules are printed, here and after each change. */
export const scheduleListing = (io: Io, empty: string): Listing<ScheduleRow> => ({
  id: ({ id }) => id,
  empty,
  columns: [
    { header: "Id", align: "right", print: ({ id }) => String(id) },
    { header: "Name", print: ({ name }) => name },
    { header: "State", print: ({ health }) => paint(io, ...MARKS[health]) },
    { header: "Runs", print: ({ pipeline, stage }) => (stage ? `${pipeline}/${stage}` : `all of ${pipeline}`) },
    { header: "Cron", print: ({ cron }) => cron },
    { header: "Zone", print: ({ zone }) => zone },
    { header: "Next", print: ({ nextSlot, zone }) => (nextSlot ? formatTime(nextSlot, { zone }) : "–") },
    { header: "Last", print: ({ latest }) => printLatest(io, latest[0]) },
  ],
});

function printLatest(io: Io, slot: ScheduleRow["latest"][number] | undefined): string {
  if (!slot) return "–";
  const what = slot.runId === null ? slot.outcome : `#${slot.runId}${slot.status ? ` ${printStatus(io, slot.status)}` : ""}`;
  return `${what} ${formatRelative(slot.slot, io.now())}`;
}
