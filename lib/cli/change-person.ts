import type { Ctx } from "#lib/ctx";
import { EXIT, type Io } from "./command.ts";
import { withCtx } from "./database.ts";
import { type OutputFormat, outputFormat, printRows } from "./output.ts";
import { peopleListing } from "./people-listing.ts";

/** Does something to the person of an address, and prints how they are now. */
export function changePerson(io: Io, email: string, values: { output?: OutputFormat; json?: boolean }, change: (ctx: Ctx, id: string) => Promise<unknown>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { getPerson } = await import("#lib/people/queries");
    const { id } = await getPerson(ctx, email);
    await change(ctx, id);
    printRows(io, outputFormat(values), [await getPerson(ctx, email)], peopleListing(io));
    return EXIT.done;
  });
}
