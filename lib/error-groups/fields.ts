/** The fields of an error group as lists show them, declared once. Isomorphic. */

/** What the list can be sorted by, falling: newest or most first. Each has its index in the migration. */
export const ERROR_GROUP_SORTS = ["last_seen", "count", "first_seen"] as const;
export type ErrorGroupSort = (typeof ERROR_GROUP_SORTS)[number];

type ErrorGroupField = { label: string; description: string; sort: ErrorGroupSort | null; align: "start" | "end" };

export const ERROR_GROUP_FIELDS = {
  message: { label: "Error", description: "The class and message of the latest failure", sort: null, align: "start" },
  where: { label: "Where", description: "Pipeline, stage and step that fail", sort: null, align: "start" },
  trend: { label: "14 days", description: "Failures a day over the last 14 days, UTC", sort: null, align: "start" },
  count: { label: "Count", description: "Failures since the error was first seen", sort: "count", align: "end" },
  runs: { label: "Runs", description: "Runs that have failed with it", sort: null, align: "end" },
  firstSeen: { label: "First seen", description: "When it happened for the first time", sort: "first_seen", align: "start" },
  lastSeen: { label: "Last seen", description: "When it happened last", sort: "last_seen", align: "start" },
  status: { label: "Status", description: "Open, resolved or ignored", sort: null, align: "start" },
} as const satisfies Record<string, ErrorGroupField>;

export type ErrorGroupFieldId = keyof typeof ERROR_GROUP_FIELDS;
export const ERROR_GROUP_FIELD_IDS = Object.keys(ERROR_GROUP_FIELDS) as ErrorGroupFieldId[];
