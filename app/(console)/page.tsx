import type { Metadata } from "next";
import Link from "next/link";
import { PageHeader } from "#components/layout/page-header";
import { FlowStrip } from "#components/pipelines/flow-strip";
import { RunsTable } from "#components/runs/runs-table";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import { EVERY_RUN } from "#lib/runs/filter";
import { listRuns } from "#lib/runs/queries";
import { listPipelines } from "#lib/stages/queries";
import { pageCtx } from "#lib/web/ctx";
import { NothingYet } from "./_components/nothing-yet";

export const metadata: Metadata = { title: "Dashboard" };

const RECENT_RUNS = 10;

export default async function DashboardPage() {
  const ctx = await pageCtx();
  const [pipelines, { rows }] = await Promise.all([listPipelines(ctx), listRuns(ctx, { ...EVERY_RUN, limit: RECENT_RUNS })]);
  const isNew = rows.length === 0 && pipelines.every(({ stages }) => stages.every((stage) => !stage.rows && !stage.waiting));

  return (
    <>
      <PageHeader title="Dashboard" />
      {isNew ? (
        <NothingYet />
      ) : (
        <>
          {pipelines.map((pipeline) => (
            <Section key={pipeline.name} title={pipeline.title}>
              <FlowStrip stages={pipeline.stages} hrefOf={(stage) => `/runs?stage=${stage.name}`} />
            </Section>
          ))}
          <Section title="Recent runs" actions={<Link href="/runs" className={buttonClass("plain", "sm")}>Show all runs</Link>}>
            {rows.length > 0 ? (
              <RunsTable rows={rows} label="Recent runs" />
            ) : (
              <p className="px-4 pb-6 text-ink-soft sm:px-6">
                No run yet. <Link href="/control" className="text-accent underline">Start one in Pipeline Control</Link>.
              </p>
            )}
          </Section>
        </>
      )}
    </>
  );
}
