/** What a trigger does while a run of its exclusive key goes on. Isomorphic: forms offer it. */
/** `reject`: refused, with the run in the way. `join`: answered with that run. `queue`: stands in line behind it. */
export const ON_BUSY = ["reject", "join", "queue"] as const;
export type OnBusy = (typeof ON_BUSY)[number];
