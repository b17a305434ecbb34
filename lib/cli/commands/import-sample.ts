import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { importAll } from "../mail-import.ts";
import { OUTPUT_OPTIONS, outputFormat } from "../output.ts";

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "A few hundred made-up messages in several languages, some of them broken on purpose. Imported twice, nothing is there twice.";
export const examples = ["./penstock import sample && ./penstock run --all mail --watch"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { loadSampleArchive } = await import("#lib/pipelines/mail/import");
    await importAll(io, outputFormat(values), [{ name: "sample archive", load: (onProgress) => loadSampleArchive(ctx, onProgress) }]);
    return EXIT.done;
  }, { stopsItself: true });
}
