/** What statistics can be broken down by. Isomorphic. */
export const STATS_BY = ["status", "stage", "pipeline", "trigger", "day", "hour"] as const;
export type StatsBy = (typeof STATS_BY)[number];

/** Groups told at most: the newest days or hours, otherwise the largest. The totals are of all. */
export const MAX_GROUPS = 1_000;
