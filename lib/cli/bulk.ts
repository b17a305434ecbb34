import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { BULK_WORDS, type BulkKind, isOpen, MAX_RATE, UNFIT_REASONS } from "#lib/bulk/fields";
import type { BulkDetail, BulkPreview } from "#lib/bulk/queries";
import { AppError } from "#lib/errors";
import type { FilterTree } from "#lib/filters/filter";
import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent, formatRate } from "#lib/format/number";
import { wholeNumber } from "./arguments.ts";
import { EXIT, type Io, type Options, type Values } from "./command.ts";
import { withCtx } from "./database.ts";
import { FILTER_OPTIONS, filterParams, parseFlags } from "./filter-flags.ts";
import { type OutputFormat, printOne, renderFacts, renderTable } from "./output.ts";
import { bar, openCanvas } from "./progress.ts";
import { runListing } from "./run-listing.ts";

/** For commands that act on runs by id, or with `--all` on every run that matches. */
export const BULK_OPTIONS = {
  all: { type: "boolean", help: "every run that matches the filter, instead of ids" },
  rate: { type: "string", value: "n", help: `with --all, runs per second: 5 unless said, ${MAX_RATE} at most` },
  yes: { type: "boolean", short: "y", help: "with --all, do not ask; needed where there is no terminal to ask on" },
  detach: { type: "boolean", help: "with --all, do not watch: it goes on at the workers" },
  ...FILTER_OPTIONS,
} as const satisfies Options;
export const BULK_DETAILS = `
With --all it is done to every run that matches, 10 000 at most a go, by the workers and at a rate: what will be done is
shown first and asked for. Ctrl-C stops watching, not the act; ./penstock bulk abort <id> stops that.`;

type BulkValues = Values<typeof BULK_OPTIONS>;
const POLL_MS = 400;

/** @throws AppError INVALID for filters or a rate without --all, and for ids with it */
export function requireBulk(values: BulkValues, ids: string[]): void {
  if (values.all && ids.length > 0) throw new AppError("INVALID", "--all takes a filter, not ids. Leave one of them out.");
  if (values.all) return;
  const stray = (Object.keys(BULK_OPTIONS) as (keyof typeof BULK_OPTIONS)[]).find((name) => name !== "all" && values[name] !== undefined);
  if (stray) throw new AppError("INVALID", `--${stray} belongs to --all: with it the command is done to every run that matches.`);
  if (ids.length === 0) throw new AppError("INVALID", "Name runs by their numbers, or every run that matches a filter with --all.");
}

/** Shows what would be done, asks, begins, and watches. @returns the exit code */
export async function runBulk(io: Io, kind: BulkKind, values: BulkValues, format: OutputFormat): Promise<number> {
  const { parseRunsRequest } = await import("#lib/runs/filter");
  const rate = values.rate === undefined ? undefined : wholeNumber("--rate", values.rate, { min: 1, max: MAX_RATE });
  const { tree } = parseFlags(() => parseRunsRequest(filterParams(values)));
  return withCtx(io, async (ctx) => {
    const [{ previewBulk }, { createBulk }] = await Promise.all([import("#lib/bulk/queries"), import("#lib/bulk/mutations")]);
    const preview = await previewBulk(ctx, { kind, tree: tree as FilterTree | null });
    io.err(describePreview(io, preview, rate ?? 5));
    if (preview.count === 0) return EXIT.failed;
    if (!values.yes && !(await isConfirmed(io, `${BULK_WORDS[kind].verb} ${formatCount(preview.count)} ${preview.count === 1 ? "run" : "runs"}? [y/N] `))) {
      io.err("Nothing was done.\n");
      return EXIT.failed;
    }
    const { id } = await createBulk(ctx, { kind, tree, rate, atMost: values.yes ? undefined : preview.count });
    const bulk = values.detach ? await (await import("#lib/bulk/queries")).getBulk(ctx, id) : await watchBulk(io, ctx, id);
    printOne(io, format, bulk, { id, table: () => renderBulk(io, bulk) });
    return bulk.failed > 0 ? EXIT.failed : EXIT.done;
  });
}

function describePreview(io: Io, { kind, count, cannot, sample }: BulkPreview, rate: number): string {
  const reasons = (Object.entries(cannot) as [keyof typeof UNFIT_REASONS, number][]).map(([reason, runs]) => `${formatCount(runs)} ${UNFIT_REASONS[reason]}`);
  const lines = [
    `${formatCount(count)} ${count === 1 ? "run" : "runs"} would be ${BULK_WORDS[kind].done}, ${rate} a second${count > rate ? `: about ${formatDuration((count * 1_000) / rate)}` : ""}.`,
    ...(reasons.length > 0 ? [`Left out: ${reasons.join(", ")}.`] : []),
  ];
  const table = sample.length > 0 ? renderTable({ colour: io.colour, isTty: io.errIsTty, width: io.width }, sample, runListing(io, "").columns) : "";
  return `${lines.join("\n")}\n${table}${count > sample.length && sample.length > 0 ? `… and ${formatCount(count - sample.length)} more\n` : ""}`;
}

/** @throws AppError INVALID where there is nobody to ask */
async function isConfirmed(io: Io, question: string): Promise<boolean> {
  if (!io.errIsTty || !process.stdin.isTTY) throw new AppError("INVALID", "There is no terminal to ask on: add --yes to do it. Nothing was done.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: io.signal })).trim());
  } finally {
    terminal.close();
  }
}

export async function watchBulk(io: Io, ctx: Parameters<typeof import("#lib/bulk/queries").getBulk>[0], id: number): Promise<BulkDetail> {
  const { getBulk } = await import("#lib/bulk/queries");
  const canvas = openCanvas(io);
  if (!io.errIsTty) canvas.say(`Bulk action ${id} goes on at the workers.`);
  try {
    for (;;) {
      const bulk = await getBulk(ctx, id);
      if (!isOpen(bulk.status)) return bulk;
      const whole = bulk.total - bulk.leftOut;
      const ratio = whole === 0 ? 1 : 1 - bulk.left / whole;
      const facts = [`${bar(ratio, 28)} ${formatPercent(ratio).padStart(5)}`, `${formatCount(whole - bulk.left)}/${formatCount(whole)} runs`, bulk.failed > 0 ? `${formatCount(bulk.failed)} failed` : "", bulk.pace === null ? "" : formatRate(bulk.pace), bulk.etaMs === null ? "" : `ETA ${formatDuration(bulk.etaMs)}`];
      canvas.draw([facts.filter(Boolean).join("  ")]);
      await sleep(POLL_MS, undefined, { signal: io.signal });
    }
  } finally {
    canvas.end();
  }
}

export const renderBulk = (io: Io, bulk: BulkDetail): string =>
  renderFacts(io, [
    ["Bulk action", String(bulk.id)],
    ["What", `${BULK_WORDS[bulk.kind].verb} runs, ${bulk.rate} a second`],
    ["Filter", bulk.query || "every run"],
    ["By", bulk.actor],
    ["Status", bulk.status],
    ["Runs", `${formatCount(bulk.total)}: ${formatCount(bulk.done)} ${BULK_WORDS[bulk.kind].done}, ${formatCount(bulk.skipped)} left out, ${formatCount(bulk.failed)} failed, ${formatCount(bulk.left)} not touched`],
  ]);
