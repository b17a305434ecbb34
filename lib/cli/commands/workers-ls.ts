import { formatDuration } from "#lib/format/duration";
import { formatRelative } from "#lib/format/time";
import type { WorkerRow } from "#lib/workers/queries";
import { type WorkerState, workerState } from "#lib/workers/rules";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { type Colour, paint } from "../style.ts";

export const options = {
  all: { type: "boolean", help: "those that have stopped, too" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const examples = ["./penstock workers ls", "./penstock workers ls --all -o json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withDoor(io, async (door) => {
    const workers = (await door.listWorkers()).filter(({ stoppedAt }) => values.all || stoppedAt === null);
    const now = io.now();
    printRows(io, outputFormat(values), workers, {
      id: ({ id }) => id,
      empty: "No worker is running. ./penstock worker starts one, ./penstock start everything.",
      columns: [
        { header: "Worker", align: "right", print: ({ id }) => String(id) },
        { header: "State", print: (worker) => printState(io, worker) },
        { header: "Host", print: ({ host }) => host },
        { header: "Process", align: "right", print: ({ pid }) => String(pid) },
        { header: "Units", align: "right", print: ({ units, concurrency }) => `${units.length}/${concurrency}` },
        { header: "Heard of", print: ({ heartbeatAt }) => (heartbeatAt ? formatRelative(heartbeatAt, now) : "–") },
        { header: "Up", align: "right", print: ({ startedAt, stoppedAt }) => formatDuration((stoppedAt ?? now).getTime() - startedAt.getTime()) },
        { header: "Version", print: ({ version }) => version },
        { header: "Holds", print: ({ units, stopReason }) => stopReason ?? units.map(({ runId, name }) => `#${runId} ${name}`).join(", ") },
      ],
    });
    return EXIT.done;
  });
}

const STATES: Record<WorkerState, [Colour, string]> = { alive: ["green", "✓"], draining: ["yellow", "◐"], silent: ["red", "✗"], stopped: ["grey", "■"] };

function printState(io: Io, worker: WorkerRow): string {
  const state = workerState(worker);
  const [colour, mark] = STATES[state];
  return paint(io, colour, `${mark} ${state}`);
}
