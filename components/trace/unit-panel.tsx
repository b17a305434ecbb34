"use client";
import { FullTime } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import { ErrorDetail } from "#components/trace/error-detail";
import { SidePanel } from "#components/trace/side-panel";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import type { Trace } from "#lib/trace/rules";

/** One unit: its facts and why it failed. Its error is short here; the run's own and the steps' are whole. */
export function UnitPanel({ trace, seq, onClose }: { trace: Trace; seq: number; onClose: () => void }) {
  const unit = trace.units.find((one) => one.seq === seq);
  if (!unit) return null;
  const facts: [string, string | null][] = [
    ["Kind", unit.kind === "work" ? `work, wave ${unit.wave}` : unit.kind === "plan" ? "planning" : "settling"],
    ["Items", unit.kind === "work" ? `${formatCount(unit.itemsDone)}${unit.itemsTotal === null ? "" : ` of ${formatCount(unit.itemsTotal)}`} done${unit.itemsFailed > 0 ? `, ${formatCount(unit.itemsFailed)} failed` : ""}` : null],
    ["Attempt", unit.attempt > 0 ? String(unit.attempt) : null],
    ["Failed before", unit.failures > 0 ? (unit.failures === 1 ? "once" : `${unit.failures} times`) : null],
    ["Crashes", unit.crashes > 0 ? `its worker died ${unit.crashes === 1 ? "once" : `${unit.crashes} times`}` : null],
    ["Began", unit.startMs === null ? "not yet" : `${formatDuration(unit.startMs)} after the run`],
    ["Duration", unit.startMs === null || unit.endMs === null ? null : formatDuration(unit.endMs - unit.startMs)],
  ];
  return (
    <SidePanel title={unit.name} label={`Unit ${seq}`} onClose={onClose}>
      <StatusMark status={unit.status} />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
        {facts.flatMap(([name, said]) =>
          said === null ? [] : [<dt key={name} className="text-ink-soft">{name}</dt>, <dd key={`${name} said`} className="break-words">{said}</dd>],
        )}
      </dl>
      {unit.retryAt !== null && (
        <p className="text-sm">
          Tried again at <FullTime date={new Date(unit.retryAt)} />
        </p>
      )}
      {unit.error && <ErrorDetail errorClass={null} message={unit.error} />}
    </SidePanel>
  );
}
