import type { AuditRow } from "#lib/audit/fields";
import { changesOf } from "#lib/audit/rules";
import { formatRelative } from "#lib/format/time";
import { wholeNumber } from "../arguments.ts";
import { AUDIT_OPTIONS, auditFilterOf } from "../audit-flags.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = {
  ...AUDIT_OPTIONS,
  limit: { type: "string", value: "n", help: "as many lines at most; 50 unless said" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "Who did what, to what, when and from where, with what it was before and after. -o json has all of it.";
export const examples = ["./penstock audit ls --person ann --from 7d", "./penstock audit ls --action run.cancel --object run/12 -o json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? 50 : wholeNumber("--limit", values.limit, { min: 1, max: 500 });
  const format = outputFormat(values);
  const filter = { ...auditFilterOf(values), limit };
  return withCtx(io, async (ctx) => {
    const { listAudit } = await import("#lib/audit/queries");
    const { rows, nextCursor } = await listAudit(ctx, filter);
    const now = io.now();
    printRows(io, format, rows, {
      id: ({ id }) => id,
      empty: "Nothing of that is in the audit log.",
      columns: [
        { header: "Entry", align: "right", print: ({ id }) => String(id) },
        { header: "When", print: ({ at }) => formatRelative(at, now) },
        { header: "Who", print: ({ actor, actorKind }) => `${actor} (${actorKind})` },
        { header: "Action", print: ({ action }) => action },
        { header: "Object", print: ({ object }) => object },
        { header: "Changed", print: sayChanges },
      ],
    });
    if (nextCursor !== null && format === "table") io.err("There is more: narrow it with --from and --to, or audit export has all of it.\n");
    return EXIT.done;
  });
}

const sayChanges = ({ before, after }: AuditRow): string =>
  changesOf(before, after).slice(0, 4).map((change) => `${change.path}: ${change.before ?? "–"} → ${change.after ?? "–"}`).join(", ").slice(0, 200);
