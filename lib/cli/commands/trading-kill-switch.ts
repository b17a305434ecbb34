import { AppError } from "#lib/errors";
import { formatRelative } from "#lib/format/time";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "[on | off]";
export const options = {
  reason: { type: "string", value: "text", help: "why; must be said" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "On, every signal that starts fails with the reason, and nothing is ordered; open positions stay as they are. Without a word it says how it stands.";
export const examples = ["./penstock trading kill-switch", "./penstock trading kill-switch on --reason 'The feed is wrong'", "./penstock trading kill-switch off --reason 'Feed repaired'"];

export async function run(io: Io, { values, positionals: [word] }: Args<typeof options>): Promise<number> {
  if (word !== undefined && word !== "on" && word !== "off") throw new AppError("INVALID", `The kill switch is turned on or off, not "${word}".`);
  return withCtx(io, async (ctx) => {
    const { getKillSwitch, setKillSwitch } = await import("#lib/pipelines/trading/desk");
    const { changed } = word === undefined ? { changed: false } : await setKillSwitch(ctx, { isActive: word === "on", reason: values.reason ?? "" });
    const now = await getKillSwitch(ctx);
    const since = now.changedAt ? `, turned by ${now.changedBy ?? "someone"} ${formatRelative(now.changedAt, io.now())}${now.reason ? `: ${now.reason}` : ""}` : "";
    const before = word !== undefined && !changed ? " already" : "";
    printOne(io, outputFormat(values), now, { id: now.isActive ? "on" : "off", json: { changed, ...now }, table: () => `The kill switch is ${now.isActive ? "on" : "off"}${before}${since}.\n` });
    return EXIT.done;
  });
}
