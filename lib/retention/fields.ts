/** What retention counts, declared once. Isomorphic. */

export const PRUNE_FIELDS = {
  runs: { label: "Runs deleted", one: "run", many: "runs" },
  stripped: { label: "Runs whose payloads were removed", one: "run's payloads", many: "runs' payloads" },
  steps: { label: "Steps deleted or emptied", one: "step", many: "steps" },
  calls: { label: "LLM calls deleted or emptied", one: "LLM call", many: "LLM calls" },
  logs: { label: "Log lines deleted", one: "log line", many: "log lines" },
  events: { label: "Events deleted", one: "event", many: "events" },
} as const satisfies Record<string, { label: string; one: string; many: string }>;

export type PruneField = keyof typeof PRUNE_FIELDS;
export const PRUNE_FIELD_IDS = Object.keys(PRUNE_FIELDS) as PruneField[];
/** Rows removed or emptied, by what they are. */
export type PruneCounts = Record<PruneField, number>;
