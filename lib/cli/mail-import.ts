import { AppError, ERROR_CODES } from "#lib/errors";
import { formatDuration } from "#lib/format/duration";
import { formatBytes, formatCount, formatPercent, formatRate } from "#lib/format/number";
import type { ImportResult } from "#lib/pipelines/mail/import";
import { EXIT, type Io } from "./command.ts";
import { Interrupted } from "./io.ts";
import { type OutputFormat, printRows } from "./output.ts";
import { bar, type Canvas, openCanvas } from "./progress.ts";
import { paint } from "./style.ts";

type Progress = { bytes: number; totalBytes: number | null; messages: number; duplicates: number; problems: number };
type Source = { name: string; load: (onProgress: (progress: Progress) => void) => Promise<ImportResult> };

/** How often the bar is drawn anew at most, and how often there is a plain line where there is no terminal, in milliseconds. */
const DRAW_MS = 100;
const LINE_MS = 5_000;

/**
 * Imports one source after another with its progress, and prints what came of them. A source that is refused is said
 * on standard error, and the next one goes on.
 *
 * @returns the exit code: that of the first refusal
 * @throws Interrupted on Ctrl-C, at the next message
 */
export async function importAll(io: Io, format: OutputFormat, sources: Source[]): Promise<number> {
  const results: (ImportResult & { durationMs: number })[] = [];
  let exitCode: number = EXIT.done;
  for (const source of sources) {
    const canvas = openCanvas(io);
    const startedAt = performance.now();
    try {
      const result = await source.load(openMeter(io, canvas, source.name, startedAt));
      results.push({ ...result, durationMs: Math.round(performance.now() - startedAt) });
      canvas.end();
      sayEnd(io, result, performance.now() - startedAt);
    } catch (error) {
      canvas.end();
      if (io.signal.aborted) throw interrupted(io);
      if (!(error instanceof AppError) || sources.length === 1) throw error;
      io.err(`${paint(io, "red", "✗")} ${source.name}: ${error.message}\n`);
      exitCode ||= ERROR_CODES[error.code].exitCode;
    }
  }
  // On a terminal a single import has been told in full by now.
  if (!(format === "table" && io.isTty && sources.length === 1)) {
    printRows(io, format, results, {
      id: ({ importId }) => importId,
      empty: "Nothing was imported.",
      columns: [
        { header: "Import", align: "right", print: ({ importId }) => String(importId) },
        { header: "New", align: "right", print: ({ messages }) => formatCount(messages) },
        { header: "Known", align: "right", print: ({ duplicates }) => formatCount(duplicates) },
        { header: "Problems", align: "right", print: ({ problems }) => formatCount(problems) },
        { header: "Size", align: "right", print: ({ bytes }) => formatBytes(bytes) },
        { header: "Took", align: "right", print: ({ durationMs }) => formatDuration(durationMs) },
        { header: "Name", print: ({ name }) => name },
      ],
    });
  }
  return exitCode;
}

/** Draws progress as it comes in; throws on Ctrl-C, which is how an import is stopped between two messages. */
function openMeter(io: Io, canvas: Canvas, name: string, startedAt: number): (progress: Progress) => void {
  let drawnAt = startedAt;
  return (progress) => {
    if (io.signal.aborted) throw interrupted(io);
    const now = performance.now();
    if (now - drawnAt < (io.errIsTty ? DRAW_MS : LINE_MS)) return;
    drawnAt = now;
    const line = drawProgress(io, name, progress, now - startedAt);
    if (io.errIsTty) canvas.draw([line]);
    else canvas.say(line);
  };
}

function drawProgress(io: Io, name: string, { bytes, totalBytes, messages, duplicates, problems }: Progress, elapsedMs: number): string {
  const ratio = totalBytes !== null && totalBytes > 0 ? Math.min(1, bytes / totalBytes) : null;
  return [
    name,
    ratio === null ? "" : `${io.errIsTty ? `${paint(io, "blue", bar(ratio, Math.max(8, Math.min(28, io.width - 96))))} ` : ""}${formatPercent(ratio)}`,
    totalBytes === null ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    `${formatCount(messages)} new`,
    duplicates > 0 ? `${formatCount(duplicates)} known` : "",
    problems > 0 ? `${formatCount(problems)} problems` : "",
    elapsedMs > 0 ? formatRate(((messages + duplicates) * 1_000) / elapsedMs) : "",
  ].filter(Boolean).join("  ");
}

function sayEnd(io: Io, { name, messages, duplicates, problems, problemSamples, bytes }: ImportResult, elapsedMs: number): void {
  const rate = elapsedMs > 0 ? `, ${formatRate(((messages + duplicates) * 1_000) / elapsedMs)}` : "";
  const mark = problems > 0 ? paint(io, "yellow", "◐") : paint(io, "green", "✓");
  io.err(`${mark} ${name}: ${formatCount(messages)} new messages, ${formatCount(duplicates)} known before, ${formatCount(problems)} with problems; ${formatBytes(bytes)} in ${formatDuration(elapsedMs)}${rate}\n`);
  for (const { position, messageId, reason } of problemSamples) io.err(`    message ${position}${messageId ? ` ${messageId}` : ""}: ${reason}\n`);
  if (problems > problemSamples.length) io.err(`    and ${formatCount(problems - problemSamples.length)} more\n`);
}

function interrupted(io: Io): Interrupted {
  const exitCode = io.signal.reason instanceof Interrupted ? io.signal.reason.exitCode : EXIT.interrupted;
  return new Interrupted(exitCode, "Stopped. What was imported is kept; import again to go on: nothing is imported twice.");
}
