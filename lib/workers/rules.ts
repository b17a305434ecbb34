/** What a worker can run, and how its state is said: pure, isomorphic. */

export const capabilityOf = (pipeline: string, stage: string): string => `${pipeline}/${stage}`;
/** What a worker that knows these pipelines writes down of itself. */
export const listCapabilities = (pipelines: { name: string; stages: { name: string }[] }[]): string[] =>
  pipelines.flatMap(({ name, stages }) => stages.map((stage) => capabilityOf(name, stage.name)));

export const WORKER_STATES = ["alive", "draining", "silent", "stopped"] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** `alive`: heard of lately. A draining worker that falls silent is silent. */
export function workerState(worker: { alive: boolean; stoppedAt: Date | null; drainRequestedAt: Date | null }): WorkerState {
  if (worker.stoppedAt !== null) return "stopped";
  if (!worker.alive) return "silent";
  return worker.drainRequestedAt === null ? "alive" : "draining";
}
