import { ALL_PERMISSIONS, ROLES } from "#lib/access/rules";
import { AppError } from "#lib/errors";
import { formatTime } from "#lib/format/time";
import { MAX_EXPIRY_DAYS } from "#lib/keys/fields";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, renderFacts } from "../output.ts";

export const options = {
  name: { type: "string", value: "name", help: "what will use it; wanted" },
  role: { type: "string", choices: ROLES, help: "what it may; wanted" },
  scope: { type: "string", multiple: true, choices: ALL_PERMISSIONS, value: "permission", help: "of the role's permissions only this" },
  expires: { type: "string", value: "days", help: `after how many days it ends, such as 30d; 90d unless said, ${MAX_EXPIRY_DAYS}d at most` },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
The key is printed this once; only a hash of it is kept. -o ids prints it alone. A key that is made on the machine itself
belongs to nobody and may what its role may; one that is made over PENSTOCK_URL may no more than the key that asks.`;
export const examples = [
  "./penstock keys create --name ci --role viewer -o ids",
  "./penstock keys create --name deploy --role operator --scope runs.read --scope runs.trigger --expires 30d",
];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const { name, role, scope, expires } = values;
  if (name === undefined || role === undefined) throw new AppError("INVALID", `Say ${[name === undefined && "--name, what will use it", role === undefined && `--role, one of ${ROLES.join(", ")}`].filter(Boolean).join(", and ")}.`);
  const expiresInDays = expires === undefined ? undefined : days(expires);
  const format = outputFormat(values);
  return withDoor(io, async (door) => {
    const made = await door.makeKey({ name, role, permissions: scope ?? null, ...(expiresInDays !== undefined && { expiresInDays }) });
    printOne(io, format, made, {
      id: made.token,
      table: () => renderFacts(io, [["Key", made.token], ["Name", made.name], ["Role", `${role}${scope ? `, only ${scope.join(", ")}` : ""}`], ["Ends", formatTime(made.expiresAt)]]),
    });
    if (format === "table") io.err("Keep it now: it is not shown again. ./penstock keys revoke ends it.\n");
    return EXIT.done;
  });
}

/** @throws AppError INVALID */
function days(text: string): number {
  const [, digits] = /^(\d{1,3})d?$/.exec(text) ?? [];
  const value = Number(digits);
  if (value >= 1 && value <= MAX_EXPIRY_DAYS) return value;
  const message = `is a number of days, 1d to ${MAX_EXPIRY_DAYS}d, not "${text}"`;
  throw new AppError("INVALID", `--expires ${message}`, { faults: [{ path: "--expires", message }] });
}
