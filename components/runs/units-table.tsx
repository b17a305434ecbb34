import { Elapsed, Time } from "#components/layout/clock";
import { ItemsCount } from "#components/runs/items-count";
import { StatusMark } from "#components/runs/status-mark";
import { ErrorText } from "#components/ui/error-text";
import { classNames } from "#components/ui/class-names";
import type { UnitRow } from "#lib/trace/queries";

const CELL = "h-8 border-b px-2 py-1 text-left align-top first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const HEAD = "h-8 border-b px-2 text-left text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";

const itemsOf = (unit: UnitRow) => ({ itemsProcessed: unit.itemsDone, itemsFailed: unit.itemsFailed, itemsTotal: unit.itemsTotal });

/** The pieces that workers take, in order: planning, each wave, settling. */
export function UnitsTable({ units }: { units: UnitRow[] }) {
  return (
    <table className="w-full table-fixed border-separate border-spacing-0 text-sm" aria-label="Units">
      <thead>
        <tr>
          <th scope="col" className={classNames(HEAD, "w-13 text-right sm:w-16")}>Unit</th>
          <th scope="col" className={HEAD}>Name</th>
          <th scope="col" className={classNames(HEAD, "w-30")}>Status</th>
          <th scope="col" className={classNames(HEAD, "w-16 max-md:hidden")}>Wave</th>
          <th scope="col" className={classNames(HEAD, "w-34 max-md:hidden")}>Started</th>
          <th scope="col" className={classNames(HEAD, "w-20 text-right max-sm:hidden")}>Duration</th>
          <th scope="col" className={classNames(HEAD, "w-40 text-right max-sm:hidden")}>Items</th>
          <th scope="col" className={classNames(HEAD, "w-36 text-right max-md:hidden")}>Attempt</th>
        </tr>
      </thead>
      <tbody className="[&>tr:last-child>td]:border-b-0">
        {units.map((unit) => (
          <tr key={unit.seq}>
            <td className={classNames(CELL, "text-right font-mono")}>{unit.seq}</td>
            <td className={CELL}>
              <span className="break-words">{unit.name}</span>
              {unit.kind !== "work" && unit.name !== unit.kind && <span className="ml-2 text-ink-soft">{unit.kind}</span>}
              {unit.kind === "work" && (
                <span className="block text-xs text-ink-soft sm:hidden">
                  <ItemsCount run={itemsOf(unit)} word="items" />
                </span>
              )}
              {unit.error && <ErrorText text={unit.error} />}
            </td>
            <td className={CELL}>
              <StatusMark status={unit.status} />
            </td>
            <td className={classNames(CELL, "max-md:hidden")}>{unit.kind === "work" ? unit.wave : "–"}</td>
            <td className={classNames(CELL, "whitespace-nowrap max-md:hidden")}>
              <Time date={unit.startedAt} />
            </td>
            <td className={classNames(CELL, "text-right whitespace-nowrap max-sm:hidden")}>
              <Elapsed durationMs={unit.durationMs} startedAt={unit.startedAt} running={unit.status === "running"} />
            </td>
            <td className={classNames(CELL, "text-right max-sm:hidden")}>
              {unit.kind === "work" ? <ItemsCount run={itemsOf(unit)} /> : "–"}
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
