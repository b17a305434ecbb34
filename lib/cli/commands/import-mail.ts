import type { Args, Io, Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { importAll } from "../mail-import.ts";
import { OUTPUT_OPTIONS, outputFormat } from "../output.ts";

export const positionals = "<path>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
A path is an mbox file, a folder with .eml files (and folders of them), or one .eml file; "-" reads an mbox from standard input.
A message that is there already is not imported again. One that cannot be parsed is kept, counted, and named with its reason.
Several paths are imported one after another; when one cannot be, the others are, and the exit code says so.`;
export const examples = ["./penstock import mail ~/mail.mbox", "./penstock import mail archive/2024 archive/2025", "zcat mail.mbox.gz | ./penstock import mail -"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { importMailPath, importMailStream } = await import("#lib/pipelines/mail/import");
    return importAll(
      io,
      outputFormat(values),
      positionals.map((path) => ({
        name: path === "-" ? "standard input" : path,
        load: (onProgress) => (path === "-" ? importMailStream(ctx, { name: "standard input", chunks: io.stdin }, onProgress) : importMailPath(ctx, path, onProgress)),
      })),
    );
  }, { stopsItself: true });
}
