import type { ErrorGroupStatus } from "#lib/error-groups/rules";
import { errorGroupId } from "./arguments.ts";
import { EXIT, type Io } from "./command.ts";
import { type GroupVerb, withDoor } from "./door.ts";
import { outputFormat, type OutputFormat, printRows } from "./output.ts";
import { paint } from "./style.ts";

const MARKS = { open: ["red", "✗"], resolved: ["green", "✓"], ignored: ["grey", "–"] } as const;

/** `✗ open` in its colour. */
export function printGroupStatus(io: { colour: boolean }, status: ErrorGroupStatus): string {
  const [colour, mark] = MARKS[status];
  return paint(io, colour, `${mark} ${status}`);
}

/** Changes the status of each group; what is so already is no fault. The first that does not exist ends it. */
export function changeGroups(io: Io, texts: string[], values: { output?: OutputFormat; json?: boolean }, verb: GroupVerb): Promise<number> {
  const ids = [...new Set(texts.map(errorGroupId))];
  return withDoor(io, async (door) => {
    const results = [];
    for (const groupId of ids) results.push({ groupId, ...(await door.changeErrorGroup(verb, groupId)) });
    printRows(io, outputFormat(values), results, {
      id: ({ groupId }) => groupId,
      empty: "Nothing was changed.",
      columns: [
        { header: "Group", align: "right", print: ({ groupId }) => String(groupId) },
        { header: "Status", print: ({ status }) => printGroupStatus(io, status) },
        { header: "", print: ({ ok }) => (ok ? "" : "it was so already") },
      ],
    });
    return EXIT.done;
  });
}
