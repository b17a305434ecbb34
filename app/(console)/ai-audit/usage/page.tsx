import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { AuditTabs } from "#components/llm-calls/audit-tabs";
import { Section } from "#components/ui/section";
import { getUsage, hasUsage, UsageRequest } from "#lib/llm-usage/queries";
import { pageCtx } from "#lib/web/ctx";
import { NoUsageFound, NoUsageYet } from "./_components/no-usage";
import { UsageFigure } from "./_components/usage-figure";
import { UsageChoices } from "./_components/usage-choices";
import { UsageFigures } from "./_components/usage-figures";
import { UsageByDay, UsageTable } from "./_components/usage-table";

export const metadata: Metadata = { title: "LLM usage" };

/** What cannot be read of the address is as if it were not there. */
const Shown = UsageRequest.catch(UsageRequest.parse({}));

export default async function UsagePage({ searchParams }: PageProps<"/ai-audit/usage">) {
  const ctx = await pageCtx();
  const asked = Shown.parse(Object.fromEntries(Object.entries(await searchParams).filter(([, value]) => value !== "")));
  const usage = await getUsage(ctx, asked);
  return (
    <>
      <PageHeader title="AI audit">What model calls took and what they cost, from their first to their last; also of calls that retention has removed.</PageHeader>
      <AuditTabs />
      <UsageChoices asked={asked} />
      {usage.total.calls === 0 ? (
        (await hasUsage(ctx)) ? <NoUsageFound asked={asked} /> : <NoUsageYet />
      ) : (
        <>
          <UsageFigures total={usage.total} days={asked.days} />
          <Section title="Over time" note={`cost by ${asked.by}, ${asked.granularity}, UTC`}><UsageFigure series={usage.series.map(({ at, groups }) => ({ at: at.getTime(), groups: groups.map(({ key, calls, costUsd }) => ({ key, calls, costUsd })) }))} hourly={asked.granularity === "hourly"} /></Section>
          <Section title={`By ${asked.by}`}><UsageTable groups={usage.groups} asked={asked} /></Section>
          <Section title={asked.granularity === "hourly" ? "By hour" : "By day"}><UsageByDay series={usage.series} hourly={asked.granularity === "hourly"} /></Section>
        </>
      )}
    </>
  );
}
