import { FullTime } from "#components/layout/clock";
import { DeskPager, DeskTable } from "#components/trading/desk-table";
import type { KillSwitchTurn } from "#lib/pipelines/trading/desk";

/** Every turn of the switch, newest first. */
export function KillSwitchLog({ turns, next, isFirst }: { turns: KillSwitchTurn[]; next: number | null; isFirst: boolean }) {
  if (turns.length === 0) return <p className="px-4 pb-4 text-ink-soft sm:px-6">It was never turned on.</p>;
  return (
    <>
      <DeskTable
        label="Kill switch log"
        rows={turns}
        columns={[
          { head: "When", cell: ({ createdAt }) => <FullTime date={createdAt} />, className: "sm:whitespace-nowrap" },
          { head: "Turned", cell: ({ action }) => (action === "activated" ? "on" : "off") },
          { head: "By", cell: ({ actor, triggeredBy }) => actor ?? triggeredBy },
          { head: "Reason", cell: ({ reason }) => <span className="break-words">{reason}</span> },
        ]}
      />
      <DeskPager label="Pages of the kill switch log" path="/workflow" asked={{}} next={next} isFirst={isFirst} />
    </>
  );
}
