import { Time } from "#components/layout/clock";
import { Section } from "#components/ui/section";
import type { Ctx } from "#lib/ctx";
import { getStageHealth } from "#lib/stats/queries";
import type { Look } from "../dashboard-filter";
import { StageTable } from "./stage-table";

/** Each stage in one line: how it goes, how long it takes, and whether that has changed. */
export async function StageHealthStrip({ ctx, look }: { ctx: Ctx; look: Look }) {
  const { asOf, stages } = await getStageHealth(ctx, { tree: look.anyTime, from: look.from, to: look.to });
  return (
    <Section title="Stages" note={<span className="text-xs">counted <Time date={asOf} />; arrows compare with as long a time before</span>}>
      {stages.length === 0 ? (
        <p className="px-4 pb-6 text-ink-soft sm:px-6">No stage ran in this time.</p>
      ) : (
        <StageTable stages={stages} tree={look.tree} />
      )}
    </Section>
  );
}
