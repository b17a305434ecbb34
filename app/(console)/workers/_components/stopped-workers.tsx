import { Time } from "#components/layout/clock";
import { formatDuration } from "#lib/format/duration";
import type { WorkerRow } from "#lib/workers/queries";

/** Workers that have ended, newest first, with why. */
export function StoppedWorkers({ workers }: { workers: WorkerRow[] }) {
  return (
    <ul className="pb-6 text-sm">
      {workers.map((worker) => (
        <li key={worker.id} className="flex flex-wrap gap-x-6 gap-y-0.5 border-t px-4 py-2 first:border-t-0 sm:px-6">
          <span className="w-28 font-medium">Worker {worker.id}</span>
          <span className="min-w-0 flex-1 basis-64 break-words">{worker.stopReason ?? "Nobody knows why"}</span>
          <span className="font-mono text-ink-soft">
            {worker.host} {worker.pid}
          </span>
          <span className="text-ink-soft tabular-nums">
            {worker.stoppedAt && <Time date={worker.stoppedAt} />}, after {formatDuration((worker.stoppedAt ?? worker.startedAt).getTime() - worker.startedAt.getTime())}
          </span>
        </li>
      ))}
    </ul>
  );
}
