import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { keyListing } from "../key-listing.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = {
  all: { type: "boolean", help: "those that have expired or were revoked, too" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "On the machine itself everybody's keys; over PENSTOCK_URL those that the key there may see. The secrets are kept nowhere.";
export const examples = ["./penstock keys ls", "./penstock keys ls --all -o json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withDoor(io, async (door) => {
    const keys = await door.listKeys({ ended: values.all ?? false });
    printRows(io, outputFormat(values), keys, keyListing(io, "No API keys. ./penstock keys create makes one."));
    return EXIT.done;
  });
}
