import { Time } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import { formatBytes, formatCount } from "#lib/format/number";
import type { listImports } from "#lib/pipelines/mail/import";

type Import = Awaited<ReturnType<typeof listImports>>[number];

/** The archives that came in last, and what became of them. */
export function ImportList({ imports }: { imports: Import[] }) {
  if (imports.length === 0) return <p className="px-4 pb-4 text-sm text-ink-soft sm:px-6">No archive has been imported yet.</p>;
  return (
    <ul aria-label="Recent imports" className="border-t text-sm">
      {imports.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-0.5 border-b px-4 py-2 last:border-b-0 sm:px-6">
          <StatusMark status={one.status} className="w-24" />
          <span className="min-w-0 flex-1 basis-48 font-medium break-all">{one.name}</span>
          <span className="text-ink-soft">{formatBytes(one.bytes)}</span>
          <span>
            {formatCount(one.messages)} new · {formatCount(one.duplicates)} known
            {one.problems > 0 && <span className="font-medium text-partial"> · {formatCount(one.problems)} with a problem</span>}
          </span>
          <Time date={one.completedAt ?? one.createdAt} className="text-ink-soft sm:w-32 sm:text-right" />
          {one.error && <p className="basis-full break-words text-failed">{one.error}</p>}
        </li>
      ))}
    </ul>
  );
}
