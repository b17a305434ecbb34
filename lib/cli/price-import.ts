import { formatDuration } from "#lib/format/duration";
import { formatBytes, formatCount, formatRate } from "#lib/format/number";
import type { ImportPricesResult } from "#lib/pipelines/trading/import-prices";
import type { Io } from "./command.ts";
import { type OutputFormat, printRows } from "./output.ts";
import { paint } from "./style.ts";

export type TimedImport = ImportPricesResult & { durationMs: number };

/** What came of one file, for a person: bad lines and gaps with their places. */
export function sayPriceImport(io: Io, { name, bars, changed, known, problems, warnings, problemSamples, warningSamples, bytes, series }: ImportPricesResult, elapsedMs: number): void {
  const mark = problems > 0 ? paint(io, "yellow", "◐") : paint(io, "green", "✓");
  const rate = elapsedMs > 0 ? `, ${formatRate(((bars + changed + known) * 1_000) / elapsedMs)}` : "";
  io.err(`${mark} ${name}: ${formatCount(bars)} new bars, ${formatCount(changed)} put right, ${formatCount(known)} known before, ${formatCount(problems)} bad lines; ${formatBytes(bytes)} in ${formatDuration(elapsedMs)}${rate}\n`);
  for (const { line, reason } of problemSamples) io.err(`    line ${line}: ${reason}\n`);
  if (problems > problemSamples.length) io.err(`    and ${formatCount(problems - problemSamples.length)} more\n`);
  for (const { line, reason } of warningSamples.slice(0, 5)) io.err(`    line ${line}: ${reason} (imported)\n`);
  if (warnings > 5) io.err(`    and ${formatCount(warnings - 5)} more like that\n`);
  for (const { symbol, timeframe, gaps, gapCount } of series) {
    if (gapCount === 0) continue;
    const [first] = gaps;
    const example = first ? `, the first with ${formatCount(first.missing)} missing after ${first.after.toISOString()}` : "";
    io.err(`    ${symbol} ${timeframe}: ${formatCount(gapCount)} ${gapCount === 1 ? "gap" : "gaps"}${example}\n`);
  }
}

export function printPriceImports(io: Io, format: OutputFormat, results: TimedImport[]): void {
  printRows(io, format, results, {
    id: ({ name }) => name,
    empty: "Nothing was imported.",
    columns: [
      { header: "New", align: "right", print: ({ bars }) => formatCount(bars) },
      { header: "Put right", align: "right", print: ({ changed }) => formatCount(changed) },
      { header: "Known", align: "right", print: ({ known }) => formatCount(known) },
      { header: "Bad lines", align: "right", print: ({ problems }) => formatCount(problems) },
      { header: "Gaps", align: "right", print: ({ series }) => formatCount(series.reduce((sum, { gapCount }) => sum + gapCount, 0)) },
      { header: "Series", print: ({ series }) => series.slice(0, 5).map(({ symbol, timeframe }) => `${symbol} ${timeframe}`).join(", ") },
      { header: "Name", print: ({ name }) => name },
    ],
  });
}
