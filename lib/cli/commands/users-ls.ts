import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { peopleListing } from "../people-listing.ts";

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const examples = ["./penstock users ls", "./penstock users ls --json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { listPeople } = await import("#lib/people/queries");
    printRows(io, outputFormat(values), await listPeople(ctx), peopleListing(io));
    return EXIT.done;
  });
}
