/** What changed between two JSON values. Pure, isomorphic. */
import microdiff from "microdiff";
import type { Json } from "#lib/engine/define";
import { printPath } from "#lib/format/json-tree";

/** `before` undefined: it is new; `after` undefined: it is gone. */
export type JsonChange = { path: string; before: Json | undefined; after: Json | undefined };

/** Changes in the order in which they are read. Lists are compared place by place. */
export function diffJson(before: Json, after: Json): JsonChange[] {
  // Wrapped, so that the whole may be of any kind; what it says of the wrap's own key is the path of the whole.
  const changes = microdiff({ $: bare(before) }, { $: bare(after) }, { cyclesFix: false });
  // A clone has the usual prototype again.
  return structuredClone(changes).map((change) => ({
    path: printPath(change.path.slice(1)),
    before: change.type === "CREATE" ? undefined : change.oldValue,
    after: change.type === "REMOVE" ? undefined : change.value,
  }));
}

/** The same without what objects inherit: a key called `toString` is there only when it was written. */
function bare(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(bare);
  const copy = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(value)) copy[key] = bare(value[key] as Json);
  return copy;
}
