import { Elapsed, Time } from "#components/layout/clock";
import { ItemsCount } from "#components/runs/items-count";
import { StatusMark } from "#components/runs/status-mark";
import { classNames } from "#components/ui/class-names";
import type { UnitRow } from "#lib/runs/queries";

const CELL = "h-8 border-b px-2 py-1 text-left align-top first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const HEAD = "h-8 border-b px-2 text-left text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";

/** The pieces that workers take, in order: planning, each wave, settling. */
export function UnitsTable({ units }: { units: UnitRow[] }) {
  return (
    <table className="w-full border-separate border-spacing-0 text-sm" aria-label="Units">
      <thead>
        <tr>
          <th scope="col" className={classNames(HEAD, "w-14 text-right")}>Unit</th>
          <th scope="col" className={HEAD}>Name</th>
          <th scope="col" className={HEAD}>Status</th>
          <th scope="col" className={classNames(HEAD, "max-md:hidden")}>Wave</th>
          <th scope="col" className={classNames(HEAD, "max-sm:hidden")}>Started</th>
          <th scope="col" className={classNames(HEAD, "text-right max-sm:hidden")}>Duration</th>
          <th scope="col" className={classNames(HEAD, "text-right")}>Items</th>
          <th scope="col" className={classNames(HEAD, "text-right max-md:hidden")}>Attempt</th>
        </tr>
      </thead>
      <tbody>
        {units.map((unit) => (
          <tr key={unit.seq}>
            <td className={classNames(CELL, "text-right font-mono")}>{unit.seq}</td>
            <td className={CELL}>
              <span className="break-words">{unit.name}</span>
              {unit.kind !== "work" && unit.name !== unit.kind && <span className="ml-2 text-ink-soft">{unit.kind}</span>}
              {unit.error && <p className="max-w-[90ch] break-words whitespace-pre-wrap text-failed">{unit.error}</p>}
            </td>
            <td className={CELL}>
              <StatusMark status={unit.status} />
            </td>
            <td className={classNames(CELL, "max-md:hidden")}>{unit.kind === "work" ? unit.wave : "–"}</td>
            <td className={classNames(CELL, "whitespace-nowrap max-sm:hidden")}>
              <Time date={unit.startedAt} />
            </td>
            <td className={classNames(CELL, "text-right whitespace-nowrap max-sm:hidden")}>
              <Elapsed durationMs={unit.durationMs} startedAt={unit.startedAt} running={unit.status === "running"} />
            </td>
            <td className={classNames(CELL, "text-right")}>
              {unit.kind === "work" ? <ItemsCount run={{ itemsProcessed: unit.itemsDone, itemsFailed: unit.itemsFailed, itemsTotal: unit.itemsTotal }} /> : "–"}
            </td>
            <td className={classNames(CELL, "text-right max-md:hidden")}>
              {unit.attempt}
              {unit.crashes > 0 && <span className="text-failed"> · {unit.crashes} {unit.crashes === 1 ? "crash" : "crashes"}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
