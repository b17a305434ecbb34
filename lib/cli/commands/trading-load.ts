import { readFile } from "node:fs/promises";
import { AppError, messageOf } from "#lib/errors";
import { formatCount } from "#lib/format/number";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { paint } from "../style.ts";

export const positionals = "<file>";
export const options = {} as const satisfies Options;
export const details = `
A YAML file with lists of accounts (by login) and strategies (by name). What is there is put right, what is not is made; what the file
does not name stays. All accounts trade on paper. An account that follows another reuses its signals:

  accounts:
    - { login: main, startBalance: 10000, riskPct: 0.01 }
    - { login: second, follows: main, maxLotSize: 0.05 }
  strategies:
    - { name: By day, executionMode: multi_agent, contextTfs: [H4, W1], skipHours: [22, 23], skipHoursTimezone: Europe/Berlin, accounts: [main] }`;
export const examples = ["./penstock trading load desk.yaml"];

export async function run(io: Io, { positionals: [path = ""] }: Args<typeof options>): Promise<number> {
  const text = await readFile(path, "utf8").catch((error: unknown) => { throw new AppError("NOT_FOUND", `${path} cannot be read: ${messageOf(error)}`); });
  return withCtx(io, async (ctx) => {
    const { loadDeskFile } = await import("#lib/pipelines/trading/desk-file");
    const { accounts, strategies } = await loadDeskFile(ctx, text);
    io.err(`${paint(io, "green", "✓")} ${path}: accounts: ${formatCount(accounts)}, strategies: ${formatCount(strategies)}; they stand as it says\n`);
    return EXIT.done;
  });
}
