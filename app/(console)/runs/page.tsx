import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { FilterBar } from "#components/filters/filter-bar";
import { Pager } from "#components/runs/pager";
import { RunsTable } from "#components/runs/runs-table";
import { PIPELINES } from "#lib/pipelines/registry";
import { readRunsFilter, toSearchParams } from "#lib/runs/filter";
import { pageCtx } from "#lib/web/ctx";
import { NoRuns, NoRunsFound, RunsRefused } from "./_components/no-runs";
import { listOrRefusal } from "./list-or-refusal";

export const metadata: Metadata = { title: "Runs" };

export default async function RunsPage({ searchParams }: PageProps<"/runs">) {
  const ctx = await pageCtx();
  const { filter, faults } = readRunsFilter(await searchParams);
  const found = await listOrRefusal(ctx, filter);
  const choices = PIPELINES.map(({ name, stages }) => ({ pipeline: name, stages: stages.map((stage) => stage.name) }));

  return (
    <>
      <PageHeader title="Runs">Every execution of every stage, newest first.</PageHeader>
      <div className="sticky top-(--top-bar) z-10 border-t bg-ground">
        <FilterBar tree={filter.tree} page={{ path: "/runs", rest: toSearchParams({ ...filter, tree: null, cursor: null }).toString() }} choices={choices} faults={faults} />
      </div>
      {"refused" in found ? (
        <RunsRefused filter={filter} {...found.refused} />
      ) : found.rows.length > 0 ? (
        <>
          <RunsTable rows={found.rows} filter={filter} label="Runs" />
          <Pager filter={filter} shown={found.rows.length} prevCursor={found.prevCursor} nextCursor={found.nextCursor} />
        </>
      ) : filter.tree || filter.cursor ? (
        <NoRunsFound filter={filter} />
      ) : (
        <NoRuns />
      )}
    </>
  );
}
