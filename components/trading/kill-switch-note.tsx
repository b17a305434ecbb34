import type { Route } from "next";
import Link from "next/link";
import { Time } from "#components/layout/clock";

/** Says that all trading is halted, by whom and why; nothing while it is not. */
export function KillSwitchNote({ halt, withLink = true }: { halt: { isActive: boolean; reason: string | null; changedBy: string | null; changedAt: Date | null }; withLink?: boolean }) {
  if (!halt.isActive) return null;
  return (
    <p role="status" className="border-b bg-failed-wash px-4 py-3 font-medium break-words sm:px-6">
      The kill switch is on: no signal is analysed and nothing is ordered. Turned on by {halt.changedBy ?? "someone"}, <Time date={halt.changedAt} />{halt.reason ? `: ${halt.reason}` : ""}.{" "}
      {withLink && <Link href={"/workflow" as Route} className="text-accent underline">To the switch</Link>}
    </p>
  );
}
