import { ActivityFeed } from "#components/activity/activity-feed";
import { Section } from "#components/ui/section";
import { getActivityFeed } from "#lib/activity/queries";
import type { Ctx } from "#lib/ctx";
import { printFilterParams } from "#lib/filters/address";
import type { Look } from "../dashboard-filter";

const SHOWN = 20;

/** What happened last, and what happens now. */
export async function LatestActivity({ ctx, look }: { ctx: Ctx; look: Look }) {
  const query = printFilterParams(look.tree).toString();
  return (
    <Section title="Activity">
      <ActivityFeed key={query} initial={await getActivityFeed(ctx, { tree: look.resolved, limit: SHOWN })} query={query} />
    </Section>
  );
}
