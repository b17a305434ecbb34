import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { AppError } from "#lib/errors";
import { EXPORT_FORMATS, exportFileName } from "#lib/export/fields";
import { formatDuration } from "#lib/format/duration";
import { formatBytes, formatCount, formatPercent, formatRate } from "#lib/format/number";
import { RUN_SORTS } from "#lib/runs/fields";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { FILTER_OPTIONS, filterParams, parseFlags } from "../filter-flags.ts";
import { bar, openCanvas } from "../progress.ts";
import { remoteOf } from "../remote.ts";

export const options = {
  ...FILTER_OPTIONS,
  format: { type: "string", short: "f", choices: EXPORT_FORMATS, value: "format", help: "csv unless said" },
  out: { type: "string", value: "file", help: "the file to write; - for standard output; penstock-runs-<date> in this folder unless said" },
  bom: { type: "boolean", help: "begin CSV with a byte order mark, by which Excel knows UTF-8" },
  sort: { type: "string", choices: RUN_SORTS.flatMap((sort) => [`-${sort}`, sort]), value: "field", help: "the order, - for falling; -started unless said" },
} as const satisfies Options;
export const details = `
Every run that matches, in any number, with all its fields; the filters are those of the page /runs.
Text in CSV that a spreadsheet would take for a formula begins with an apostrophe. Times are UTC.
A file appears under its name when it is whole; until then its name ends with .part.`;
export const examples = [
  "./penstock runs export --status failed --started 7d --out failed.csv",
  "./penstock runs export --format ndjson --out - | jq .errorMessage",
  "./penstock runs export --format parquet --out runs.parquet",
];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const format = values.format ?? "csv";
  const out = values.out ?? exportFileName(format, io.now());
  if (format === "parquet" && out === "-" && io.isTty) throw new AppError("INVALID", "Parquet is binary, and standard output is a terminal. Name a file with --out.");
  if (values.bom && format !== "csv") throw new AppError("INVALID", "--bom belongs to CSV. Leave it out.");
  const { parseRunsRequest } = await import("#lib/runs/filter");
  const params = filterParams(values);
  if (values.sort) params.set("sort", values.sort);
  const filter = parseFlags(() => parseRunsRequest(params));

  return withDoor(io, async (door) => {
    const count = await door.countRuns(filter.tree);
    io.err(`${count.kind === "exact" ? "" : "at least "}${formatCount(count.value)} ${count.value === 1 ? "run matches" : "runs match"}\n`);
    const canvas = openCanvas(io);
    const begun = performance.now();
    // A server elsewhere tells bytes only.
    let rows: number | null = remoteOf(io.env) ? null : 0;
    const onRows = (done: number): void => {
      rows = done;
      const ratio = count.value > 0 && count.kind === "exact" ? Math.min(1, done / count.value) : null;
      const pace = formatRate((done * 1_000) / Math.max(1, performance.now() - begun));
      canvas.draw([[ratio === null ? "" : `${bar(ratio, 28)} ${formatPercent(ratio).padStart(5)}`, `${formatCount(done)} runs`, pace].filter(Boolean).join("  ")]);
    };
    try {
      const pieces = door.exportRuns(filter, format, { bom: values.bom ?? false, signal: io.signal, onRows });
      const bytes = out === "-" ? await writeOut(pieces) : await writeFile(pieces, out);
      canvas.end();
      io.err(`${rows === null ? "" : `${formatCount(rows)} ${rows === 1 ? "run" : "runs"}, `}${formatBytes(bytes)} in ${formatDuration(performance.now() - begun)}${out === "-" ? "" : ` in ${out}`}\n`);
    } finally {
      canvas.end();
    }
    return EXIT.done;
  }, { stopsItself: true });

  async function writeOut(pieces: AsyncIterable<Uint8Array>): Promise<number> {
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      await io.write(piece);
    }
    return bytes;
  }
}

/** @throws AppError INVALID when the file cannot be written; DISK_FULL */
async function writeFile(pieces: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const part = `${path}.part`;
  const file = createWriteStream(part);
  // A stream that fails says so once more at each write; the first time counts.
  let fault: NodeJS.ErrnoException | null = null;
  file.on("error", (error) => (fault ??= error));
  try {
    for await (const piece of pieces) {
      if (fault) throw fault;
      if (!file.write(piece)) await Promise.race([once(file, "drain"), once(file, "close")]);
    }
    await new Promise<void>((resolve) => file.end(() => resolve()));
    if (fault) throw fault;
    await rename(part, path);
    return file.bytesWritten;
  } catch (error) {
    file.destroy();
    await rm(part, { force: true });
    throw fileError(error, path);
  }
}

function fileError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC") return new AppError("DISK_FULL", `The disk is full: ${path} was not written. Free some space, then try again.`, { cause: error });
  if (code === "ENOENT") return new AppError("INVALID", `There is no folder for ${path}. Make it, or name another file with --out.`, { cause: error });
  if (code === "EISDIR" || code === "EACCES" || code === "EROFS") return new AppError("INVALID", `${path} cannot be written (${code}). Name another file with --out.`, { cause: error });
  return error;
}
