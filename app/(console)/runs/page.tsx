import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { FilterBar } from "#components/runs/filter-bar";
import { Pager } from "#components/runs/pager";
import { RunsTable } from "#components/runs/runs-table";
import { PIPELINES } from "#lib/pipelines/registry";
import { isNarrowed, RunsFilter } from "#lib/runs/filter";
import { listRuns } from "#lib/runs/queries";
import { findTimeout } from "#lib/web/timeout";
import { pageCtx } from "#lib/web/ctx";
import { NoRuns, NoRunsFound, RunsTimedOut } from "./_components/no-runs";

export const metadata: Metadata = { title: "Runs" };

export default async function RunsPage({ searchParams }: PageProps<"/runs">) {
  const ctx = await pageCtx();
  const filter = RunsFilter.parse(await searchParams);
  const found = await listRuns(ctx, filter).catch(findTimeout);
  const choices = PIPELINES.map(({ name, stages }) => ({ pipeline: name, stages: stages.map((stage) => stage.name) }));

  return (
    <>
      <PageHeader title="Runs">Every execution of every stage, newest first.</PageHeader>
      <div className="sticky top-(--top-bar) z-10 border-y bg-ground">
        <FilterBar filter={filter} choices={choices} />
      </div>
      {found === "timed out" ? (
        <RunsTimedOut filter={filter} />
      ) : found.rows.length > 0 ? (
        <>
          <RunsTable rows={found.rows} filter={filter} label="Runs" />
          <Pager filter={filter} shown={found.rows.length} prevCursor={found.prevCursor} nextCursor={found.nextCursor} />
        </>
      ) : isNarrowed(filter) || filter.cursor ? (
        <NoRunsFound filter={filter} />
      ) : (
        <NoRuns />
      )}
    </>
  );
}
