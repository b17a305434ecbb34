import { formatDuration } from "#lib/format/duration";
import { prettyJsonText } from "#lib/format/json";
import { formatTime } from "#lib/format/time";
import type { StepRow } from "#lib/trace/queries";
import { runId, wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { type Door, withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows, renderFacts } from "../output.ts";
import { type Colour, paint } from "../style.ts";

const STEP_STATUSES = ["ok", "skip", "error"] as const;
const PAGE = 500;

export const positionals = "<id>";
export const options = {
  status: { type: "string", choices: STEP_STATUSES, help: "only steps that ended so" },
  io: { type: "boolean", help: "with the input and output of each" },
  after: { type: "string", value: "seq", help: "only steps after this one" },
  limit: { type: "string", value: "n", help: "as many steps at most; 500 unless said" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const examples = ["./penstock runs steps 12", "./penstock runs steps 12 --status error --io", "./penstock runs steps 12 --io --limit 100000 -o ndjson"];

type Step = StepRow & { input?: string | null; output?: string | null };

export async function run(io: Io, { values, positionals: [id = ""] }: Args<typeof options>): Promise<number> {
  const wanted = runId(id);
  const format = outputFormat(values);
  const limit = values.limit === undefined ? PAGE : wholeNumber("--limit", values.limit, { min: 1 });
  let after = values.after === undefined ? undefined : wholeNumber("--after", values.after);
  return withDoor(io, async (door) => {
    // A run that is not there has no steps either, which is another answer.
    await door.getRun(wanted);
    const steps: Step[] = [];
    let count = 0;
    for (;;) {
      const page = await door.listSteps(wanted, { after, limit: Math.min(PAGE, limit - count), status: values.status });
      const rows = values.io ? await withIo(door, wanted, page.rows) : page.rows;
      count += rows.length;
      if (format === "ndjson" || format === "ids") print(io, format, rows, values.io === true);
      else steps.push(...rows);
      after = page.next ?? undefined;
      if (page.next === null || count >= limit) break;
      io.signal.throwIfAborted();
    }
    if (format === "json" || format === "table") print(io, format, steps, values.io === true);
    if (after !== undefined) io.err(`There are more: --after ${after}\n`);
    return EXIT.done;
  });
}

async function withIo(door: Door, run: number, rows: StepRow[]): Promise<Step[]> {
  const found: Step[] = [];
  for (const row of rows) {
    const { input, output } = await door.getStepIo(run, row.seq);
    found.push({ ...row, input, output });
  }
  return found;
}

function print(io: Io, format: ReturnType<typeof outputFormat>, steps: Step[], isWithIo: boolean): void {
  if (format === "table" && isWithIo && steps.length > 0) {
    io.out(steps.map((step) => drawStep(io, step)).join("\n"));
    return;
  }
  printRows(io, format, steps, {
    id: ({ seq }) => seq,
    empty: "No steps.",
    json: ({ input, output, ...step }) => (isWithIo ? { ...step, input: stored(input), output: stored(output) } : step),
    columns: [
      { header: "Step", align: "right", print: ({ seq }) => String(seq) },
      { header: "Unit", align: "right", print: ({ unitSeq }) => (unitSeq === null ? "–" : String(unitSeq)) },
      { header: "Name", print: ({ parentSeq, stepName }) => `${parentSeq === null ? "" : "  "}${stepName}` },
      { header: "Status", print: (step) => printStepStatus(io, step) },
      { header: "Duration", align: "right", print: ({ durationMs }) => formatDuration(durationMs) },
      { header: "Error", print: ({ error, errorClass }) => [errorClass, error].filter(Boolean).join(": ") },
    ],
  });
}

const STEP_MARKS = { ok: ["green", "✓"], skip: ["grey", "–"], error: ["red", "✗"] } as const satisfies Record<StepRow["status"], [Colour, string]>;

function printStepStatus(io: Io, { status, completedAt, error }: StepRow): string {
  // It is written as an error when it begins, and stays one if its worker dies in it.
  if (completedAt === null && error === null) return paint(io, "blue", "↻ not ended");
  const [colour, mark] = STEP_MARKS[status];
  return paint(io, colour, `${mark} ${status}`);
}

function drawStep(io: Io, step: Step): string {
  return `${paint(io, "bold", `${step.seq} ${step.stepName}`)}  ${printStepStatus(io, step)}  ${formatDuration(step.durationMs)}\n${renderFacts(io, [
    ["  Started", formatTime(step.startedAt)],
    ["  Attempt", step.attempt > 1 ? String(step.attempt) : null],
    ["  Error", [step.errorClass, step.error].filter(Boolean).join(": ")],
    ["  Input", step.input ? prettyJsonText(step.input) : null],
    ["  Output", step.output ? prettyJsonText(step.output) : null],
  ])}`;
}

/** Recorded JSON as JSON; text that is none stays text. */
function stored(text: string | null | undefined): unknown {
  if (text === null || text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
