import Link from "next/link";
import type { Parting, Standing } from "#lib/backtests/rules";
import { round2 } from "#lib/backtests/rules";
import { money, signed } from "./amounts";

const HEAD = "px-3 py-1.5 text-right font-semibold whitespace-nowrap";
const CELL = "px-3 py-1.5 text-right whitespace-nowrap";
const of = (standing: Standing | null, tell: (standing: Standing) => string): string => (standing ? tell(standing) : "–");

/** Each model in both jobs, and where it parted. */
export function CompareTable({ rows, a, b }: { rows: Parting[]; a: string; b: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section aria-label="Models in both jobs, a table" tabIndex={0} className="overflow-x-auto px-4 pb-4 sm:px-6">
      <table className="w-full text-sm">
        <thead className="text-xs text-ink-soft">
          <tr>
            <th scope="col" className="py-1.5 pr-3 text-left font-semibold">Model</th>
            <th scope="col" className={HEAD}>Return in A</th>
            <th scope="col" className={HEAD}>in B</th>
            <th scope="col" className={HEAD}>Difference</th>
            <th scope="col" className={HEAD}>Value in A</th>
            <th scope="col" className={HEAD}>in B</th>
            <th scope="col" className={HEAD}>Trades in A</th>
            <th scope="col" className={HEAD}>in B</th>
            <th scope="col" className={HEAD}>First parted on</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.model} className="border-t">
              <th scope="row" className="py-1.5 pr-3 text-left font-medium whitespace-nowrap">{row.model}</th>
              <td className={CELL}>{of(row.a, ({ returnPercent }) => signed(returnPercent))}</td>
              <td className={CELL}>{of(row.b, ({ returnPercent }) => signed(returnPercent))}</td>
              <td className={`${CELL} font-medium`}>{row.a && row.b ? signed(round2(row.b.returnPercent - row.a.returnPercent)) : "–"}</td>
              <td className={CELL}>{of(row.a, ({ endingValue }) => money(endingValue))}</td>
              <td className={CELL}>{of(row.b, ({ endingValue }) => money(endingValue))}</td>
              <td className={CELL}>{of(row.a, ({ trades }) => String(trades))}</td>
              <td className={CELL}>{of(row.b, ({ trades }) => String(trades))}</td>
              <td className={CELL}>
                {row.partedOn ? (
                  <>
                    {row.partedOn}: <Link className="text-accent hover:underline" href={`/backtests/${a}?date=${row.partedOn}&model=${encodeURIComponent(row.model)}`}>A</Link>,{" "}
                    <Link className="text-accent hover:underline" href={`/backtests/${b}?date=${row.partedOn}&model=${encodeURIComponent(row.model)}`}>B</Link>
                  </>
                ) : row.shared > 0 ? "never" : "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
