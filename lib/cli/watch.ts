import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "#lib/format/duration";
import { countOf, formatCount, formatPercent, formatRate } from "#lib/format/number";
import { isFinal } from "#lib/runs/rules";
import type { RunDetail } from "#lib/runs/queries";
import { EXIT, type Io } from "./command.ts";
import { unlessAborted } from "./database.ts";
import type { Door } from "./door.ts";
import { Interrupted } from "./io.ts";
import { isOutage } from "./outage.ts";
import { bar, openCanvas } from "./progress.ts";
import { paint, printMark, printStatus } from "./style.ts";

/** How often watched runs are looked at, in milliseconds: often enough to look alive, one indexed read a run. */
const POLL_MS = 300;
/** How often a run's progress gets a line where there is no terminal to draw on, in milliseconds. */
const LINE_MS = 10_000;
/** How long the database, or the server, may stay away before watching gives up, in milliseconds. The runs themselves do not mind. */
const OUTAGE_MS = 120_000;
/** Runs drawn at once; a hundred bars are no bar. */
const MOST_BARS = 12;

/**
 * Watches runs until all have ended: bars on a terminal, a line per change elsewhere, all on standard error.
 *
 * @param whenLeft what to say when the person stops watching
 * @throws AppError NOT_FOUND when there is no such run; Interrupted with `whenLeft` on Ctrl-C
 */
export async function watchRuns(io: Io, door: Door, runIds: number[], whenLeft: string): Promise<RunDetail[]> {
  const canvas = openCanvas(io);
  const teller = openTeller(io, canvas.say);
  const runs = new Map<number, RunDetail>();
  let awaySince: number | null = null;
  try {
    for (;;) {
      try {
        const open = runIds.filter((id) => !isFinal(runs.get(id)?.status ?? "pending"));
        for (const run of await unlessAborted(io.signal, Promise.all(open.map((id) => door.getRun(id))))) runs.set(run.id, run);
        if (awaySince !== null) canvas.say(`${door.name} answers again.`);
        awaySince = null;
      } catch (error) {
        const now = performance.now();
        if (!isOutage(error) || now - (awaySince ?? now) > OUTAGE_MS) throw error;
        if (awaySince === null) canvas.say(`${door.name} does not answer; trying again for ${formatDuration(OUTAGE_MS)}. The runs go on without us.`);
        awaySince ??= now;
      }
      const seen = runIds.flatMap((id) => runs.get(id) ?? []);
      for (const run of seen) teller.tell(run);
      if (seen.length === runIds.length && seen.every(({ status }) => isFinal(status))) return seen;
      canvas.draw(drawBars(io, seen));
      await sleep(POLL_MS, undefined, { signal: io.signal });
    }
  } catch (error) {
    if (io.signal.aborted) throw new Interrupted(io.signal.reason instanceof Interrupted ? io.signal.reason.exitCode : EXIT.interrupted, whenLeft);
    throw error;
  } finally {
    canvas.end();
  }
}

/** 0 when every run did its work or had none to do, 10 otherwise. */
export function watchedExitCode(runs: RunDetail[]): number {
  return runs.every(isGoodEnd) ? EXIT.done : EXIT.watchedRunFailed;
}

/** A run that was skipped without having started was skipped because of another run; one that started had nothing to do. */
function isGoodEnd({ status, startedAt }: RunDetail): boolean {
  return status === "completed" || status === "hold" || (status === "skipped" && startedAt !== null);
}

/** `✓ mail/content #12 completed: 412 items in 12.4s`, with the reason or error beneath. */
export function printEnd(io: Io, run: RunDetail): string {
  const failed = run.itemsFailed > 0 ? `, ${formatCount(run.itemsFailed)} failed` : "";
  const took = run.durationMs === null ? "" : ` in ${formatDuration(run.durationMs)}`;
  const items = run.startedAt === null ? "" : `: ${countOf(run.itemsProcessed, "item")}${failed}${took}`;
  const outcome = run.outcome ? `, decided ${run.outcome}` : "";
  const why = [run.reason, run.errorMessage, run.cause && run.status !== "completed" ? `${run.cause.title}. ${run.cause.hint}` : null];
  return [`${printMark(io, run.status)} ${nameOf(run)} ${run.status}${items}${outcome}`, ...why.filter((line) => line).map((line) => `  ${line}`)].join("\n");
}

const nameOf = (run: RunDetail): string => `${run.pipeline}/${run.stage} #${run.id}`;

function drawBars(io: Io, runs: RunDetail[]): string[] {
  const active = runs.filter(({ status }) => !isFinal(status));
  const nameWidth = Math.max(0, ...active.map((run) => nameOf(run).length));
  const lines = active.slice(0, MOST_BARS).map((run) => {
    const name = `${printMark(io, run.status)} ${nameOf(run).padEnd(nameWidth)}`;
    return run.status === "pending" ? `${name}  ${paint(io, "grey", run.waiting?.text ?? "Waiting")}` : `${name}  ${drawProgress(io, run)}`;
  });
  return active.length > MOST_BARS ? [...lines, `… and ${active.length - MOST_BARS} more`] : lines;
}

function drawProgress(io: Io, run: RunDetail): string {
  const ratio = progressOf(run);
  const width = Math.max(8, Math.min(28, io.width - 76));
  return [ratio === null ? paint(io, "grey", "planning") : `${paint(io, "blue", bar(ratio, width))} ${formatPercent(ratio).padStart(5)}`, ...describeProgress(run)].join("  ");
}

function progressOf({ itemsProcessed, itemsFailed, itemsTotal, unitsDone, unitsFailed, unitsTotal }: RunDetail): number | null {
  if (itemsTotal !== null && itemsTotal > 0) return Math.min(1, (itemsProcessed + itemsFailed) / itemsTotal);
  return unitsTotal > 0 ? (unitsDone + unitsFailed) / unitsTotal : null;
}

function describeProgress(run: RunDetail): string[] {
  const done = run.itemsProcessed + run.itemsFailed;
  const items = run.itemsTotal === null ? formatCount(done) : `${formatCount(done)}/${formatCount(run.itemsTotal)}`;
  const elapsedMs = run.etaMs !== null && done > 0 && run.itemsTotal !== null && run.itemsTotal > done ? (run.etaMs * done) / (run.itemsTotal - done) : null;
  return [
    `${items} items`,
    run.itemsFailed > 0 ? `${formatCount(run.itemsFailed)} failed` : "",
    run.unitsTotal > 0 ? `${formatCount(run.unitsDone + run.unitsFailed)}/${formatCount(run.unitsTotal)} units` : "",
    elapsedMs ? formatRate((done * 1_000) / elapsedMs) : "",
    run.etaMs === null ? "" : `ETA ${formatDuration(run.etaMs)}`,
    run.cancelRequestedAt && !isFinal(run.status) ? "cancelling" : "",
    run.waiting?.text ?? "",
  ].filter(Boolean);
}

/** Says what changed: every end; off a terminal also every beginning, every reason to wait, and progress now and then. */
function openTeller(io: Io, say: (line: string) => void) {
  const told = new Map<number, { status: string; waiting: string | null; at: number }>();
  return {
    tell(run: RunDetail) {
      const before = told.get(run.id);
      const now = performance.now();
      const isNews = before?.status !== run.status || before.waiting !== (run.waiting?.text ?? null);
      if (isFinal(run.status)) {
        if (isNews) say(printEnd(io, run));
      } else if (!io.errIsTty && (isNews || now - before.at >= LINE_MS)) {
        const what = run.status === "pending" ? [run.waiting?.text ?? ""] : describeProgress(run);
        say(`${printStatus(io, run.status)} ${nameOf(run)}  ${what.filter(Boolean).join("  ")}`.trimEnd());
      } else return;
      told.set(run.id, { status: run.status, waiting: run.waiting?.text ?? null, at: now });
    },
  };
}
