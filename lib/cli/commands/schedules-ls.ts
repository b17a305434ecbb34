import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { scheduleListing } from "../schedule-listing.ts";

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Next is in the schedule's own zone. --json has the next five slots and what became of the last ones.";
export const examples = ["./penstock schedules ls", "./penstock schedules ls --json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withDoor(io, async (door) => {
    printRows(io, outputFormat(values), await door.listSchedules(), scheduleListing(io, "No schedules. ./penstock schedules add makes one."));
    return EXIT.done;
  });
}
