import { AUDIT_COLUMNS, AUDIT_FORMATS } from "#lib/audit/fields";
import { exportFileName } from "#lib/export/fields";
import { formatBytes, formatCount } from "#lib/format/number";
import { AUDIT_OPTIONS, auditFilterOf } from "../audit-flags.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { writeFile } from "../file-out.ts";

export const options = {
  ...AUDIT_OPTIONS,
  format: { type: "string", short: "f", choices: AUDIT_FORMATS, value: "format", help: "csv unless said" },
  out: { type: "string", value: "file", help: "the file to write; - for standard output; penstock-audit-<date> in this folder unless said" },
} as const satisfies Options;
export const details = "Every entry that matches, the newest first, with its hash in the chain. Text in CSV that a spreadsheet would take for a formula begins with an apostrophe. Times are UTC.";
export const examples = ["./penstock audit export --from 2026-01-01 --to 2026-03-31", "./penstock audit export --format ndjson --out - | jq .action"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const format = values.format ?? "csv";
  const out = values.out ?? exportFileName(format, io.now(), "audit");
  const filter = auditFilterOf(values);
  return withCtx(io, async (ctx) => {
    const [{ readAudit }, { printableEntries }, { encodeRows }] = await Promise.all([import("#lib/audit/queries"), import("#lib/audit/rules"), import("#lib/export/encode")]);
    let rows = 0;
    const pieces = encodeRows(printableEntries(readAudit(ctx, filter, io.signal), format), format, { columns: AUDIT_COLUMNS, onRows: (done) => (rows = done) });
    let bytes = 0;
    if (out !== "-") bytes = await writeFile(pieces, out);
    else for await (const piece of pieces) {
      bytes += piece.length;
      await io.write(piece);
    }
    io.err(`${formatCount(rows)} ${rows === 1 ? "entry" : "entries"}, ${formatBytes(bytes)}${out === "-" ? "" : ` in ${out}`}\n`);
    return EXIT.done;
  }, { stopsItself: true });
}
