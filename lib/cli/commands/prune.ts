import { createInterface } from "node:readline/promises";
import { AppError } from "#lib/errors";
import { formatBytes, formatCount } from "#lib/format/number";
import { PRUNE_FIELD_IDS, PRUNE_FIELDS, type PruneCounts } from "#lib/retention/fields";
import type { PrunePlan } from "#lib/retention/queries";
import { cutoffsOf, parseDays, sayPruned } from "#lib/retention/rules";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { type Session, withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, renderTable } from "../output.ts";
import { openCanvas } from "../progress.ts";
import { printStatus } from "../style.ts";

export const options = {
  "older-than": { type: "string", value: "30d", help: "delete runs that ended longer ago than this; 0 deletes none" },
  "payloads-older-than": { type: "string", value: "30d", help: "remove the payloads of runs that ended longer ago than this; 0 removes none" },
  "dry-run": { type: "boolean", help: "count what would go, and remove nothing" },
  yes: { type: "boolean", short: "y", help: "do not ask" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
Deletes runs that ended long ago with all that belongs to them, and removes the payloads of those that ended a while ago: input and
output of steps, prompts and responses of models, log lines. Unfinished and pinned runs stay whole, however old.
A worker does the same every night. Stopped anywhere, what is done is done, and the next prune goes on.
Counts come first, and a question; without a terminal --yes is wanted.`;
export const environment = { PENSTOCK_RETENTION_DAYS: "Days that runs are kept, 0 for ever; wins over the settings", PENSTOCK_PAYLOAD_DAYS: "Days that payloads are, 0 as long as the run; wins over the settings" };
export const examples = ["./penstock prune --dry-run", "./penstock prune --older-than 30d", "./penstock prune --older-than 0 --payloads-older-than 7d --yes"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const { parseEnv } = await import("#lib/env");
  const env = parseEnv(io.env);
  const asked = { runDays: daysOf("--older-than", values["older-than"]), payloadDays: daysOf("--payloads-older-than", values["payloads-older-than"]) };
  const format = outputFormat(values);
  const isDry = values["dry-run"] === true;
  if (!isDry && !values.yes && !(io.isTty && io.errIsTty)) throw new AppError("INVALID", "Prune removes runs for good. Look first with --dry-run, then add --yes to do it without a terminal to ask on.");
  return withCtx(io, async (ctx) => {
    const [{ planPrune }, { getKeep }] = await Promise.all([import("#lib/retention/queries"), import("#lib/settings/queries")]);
    const usual = await getKeep(ctx, env);
    const keep = { runDays: asked.runDays ?? usual.runDays, payloadDays: asked.payloadDays ?? usual.payloadDays };
    const plan = await planPrune(ctx, cutoffsOf(keep, io.now()));
    if (isDry) {
      printOne(io, format, plan, { id: plan.delete.runs, table: () => drawPlan(io, plan) });
      return EXIT.done;
    }
    if (plan.delete.runs + plan.strip.runs > 0 && !values.yes) {
      io.err(drawPlan(io, plan));
      if (!(await confirm(io))) {
        io.err("Nothing was removed.\n");
        return EXIT.failed;
      }
    }
    const counts = await carryOut(io, ctx, plan);
    printOne(io, format, counts, { id: counts.runs, table: () => drawCounts(counts) });
    io.signal.throwIfAborted();
    return EXIT.done;
  }, { stopsItself: true });
}

function daysOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const days = parseDays(text);
  if (days === null) throw new AppError("INVALID", `${name} is a number of days such as 30d, or weeks such as 4w; not "${text}".`);
  return days;
}

async function confirm(io: Io): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Remove them for good? [y/N] ", { signal: io.signal })).trim());
  } finally {
    terminal.close();
  }
}

async function carryOut(io: Io, ctx: Session, plan: PrunePlan): Promise<PruneCounts> {
  const { prune } = await import("#lib/retention/mutations");
  const canvas = openCanvas(io);
  try {
    return await prune(ctx, {
      cutoffs: plan.cutoffs,
      signal: io.signal,
      onProgress: ({ runs, stripped }) => canvas.draw([`${formatCount(runs)} of ${formatCount(plan.delete.runs)} runs deleted, payloads of ${formatCount(stripped)} of ${formatCount(plan.strip.runs)} removed`]),
    });
  } finally {
    canvas.end();
  }
}

const before = (date: Date | null): string => (date ? `that ended before ${date.toISOString().slice(0, 16).replace("T", " ")} UTC` : "(kept for ever)");

function drawPlan(io: Io, plan: PrunePlan): string {
  const part = (what: string, cutoff: Date | null, { groups, runs, estimatedBytes }: PrunePlan["delete"]) =>
    `${what} ${before(cutoff)}: ${formatCount(runs)}${runs > 0 ? `, about ${formatBytes(estimatedBytes)}` : ""}\n${
      runs > 0
        ? renderTable(io, groups, [
            { header: "  Pipeline", print: ({ pipeline }) => `  ${pipeline}` },
            { header: "Status", print: ({ status }) => printStatus(io, status) },
            { header: "Runs", align: "right", print: (group) => formatCount(group.runs) },
          ])
        : ""
    }`;
  return `${part("Runs to delete", plan.cutoffs.runs, plan.delete)}${part("Runs to lose their payloads", plan.cutoffs.payloads, plan.strip)}${plan.pinnedKept > 0 ? `Pinned and kept whole: ${formatCount(plan.pinnedKept)}\n` : ""}`;
}

function drawCounts(counts: PruneCounts): string {
  const told = PRUNE_FIELD_IDS.filter((id) => counts[id] > 0);
  if (told.length === 0) return "Nothing is old enough to be removed.\n";
  return `Removed ${sayPruned(counts)}.\n${told.map((id) => `  ${PRUNE_FIELDS[id].label}: ${formatCount(counts[id])}\n`).join("")}`;
}
