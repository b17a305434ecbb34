import type { Metadata } from "next";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { Suspense } from "react";
import { IfMay } from "#components/access";
import { FilterBar } from "#components/filters/filter-bar";
import { Time } from "#components/layout/clock";
import { PageHeader } from "#components/layout/page-header";
import { BulkMenu } from "#components/runs/bulk-menu";
import { ColumnMenu } from "#components/runs/column-menu";
import { ExportMenu } from "#components/runs/export-menu";
import { Pager } from "#components/runs/pager";
import type { TableRun } from "#components/runs/run-columns";
import { RunsTable } from "#components/runs/runs-table";
import { VIEW_COOKIE } from "#components/runs/view-cookie";
import { ViewsMenu } from "#components/runs/views-menu";
import type { Ctx } from "#lib/ctx";
import { listNames, listStageNames } from "#lib/facets/queries";
import { subjectKey } from "#lib/filters/fields";
import type { FilterTree } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { formatCount } from "#lib/format/number";
import { DEFAULT_VIEW, printRunsView, readRunsView } from "#lib/runs/fields";
import { toSearchParams } from "#lib/runs/address";
import { paramsOf, readRunsFilter } from "#lib/runs/filter";
import type { RunRow } from "#lib/runs/queries";
import { getCachedTotal } from "#lib/stats/queries";
import { pack } from "#lib/table/packed";
import { listViews } from "#lib/views/queries";
import { pageCtx } from "#lib/web/ctx";
import { NoRuns, NoRunsFound, RunsRefused } from "./_components/no-runs";
import { deleteViewAction, saveViewAction } from "../actions";
import { createBulkAction } from "../bulk/actions";
import { listOrRefusal } from "./list-or-refusal";

export const metadata: Metadata = { title: "Runs" };

/** Fields with a menu of their own on a wide window, besides status, stage and pipeline. */
const MORE = ["system/pipeline_run.created_by", "system/pipeline_run.outcome"];
const MAX_SUBJECT_MENUS = 2;

export default async function RunsPage({ searchParams }: PageProps<"/runs">) {
  const ctx = await pageCtx();
  const asked = paramsOf(await searchParams);
  const { filter, faults } = readRunsFilter(asked);
  const [found, choices, names, views, jar] = await Promise.all([listOrRefusal(ctx, filter), listStageNames(ctx), listNames(ctx), listViews(ctx), cookies()]);
  const usual = views.find(({ isDefault }) => isDefault);
  if (asked.size === 0 && usual?.query) redirect(`/runs?${usual.query}`);

  const own = readRunsView(asked);
  const view = own ?? readRunsView(new URLSearchParams(jar.get(VIEW_COOKIE)?.value ?? "")) ?? DEFAULT_VIEW;
  const inAddress = own ?? DEFAULT_VIEW;
  const listed = toSearchParams({ ...filter, cursor: null });
  const rest = [toSearchParams({ ...filter, tree: null, cursor: null }), printRunsView(inAddress)].map(String).filter(Boolean).join("&");
  return (
    <>
      <PageHeader
        title="Runs"
        actions={
          <>
            <ViewsMenu list="runs" path="/runs" all="runs" views={views} query={[listed, printRunsView(inAddress)].map(String).filter(Boolean).join("&")} save={saveViewAction} remove={deleteViewAction} />
            <ColumnMenu filter={filter} view={view} />
            <ExportMenu tree={filter.tree} sort={{ sort: filter.sort, dir: filter.dir }} />
            <IfMay permission="runs.retry"><BulkMenu tree={filter.tree} start={createBulkAction} /></IfMay>
          </>
        }
      >
        Every execution of every stage.
      </PageHeader>
      <div className="sticky top-(--top-bar) z-10 border-t bg-ground">
        <FilterBar tree={filter.tree} page={{ path: "/runs", rest }} choices={choices} more={[...MORE, ...names.subjects.slice(0, MAX_SUBJECT_MENUS).map(subjectKey)]} faults={faults} />
      </div>
      {"refused" in found ? (
        <RunsRefused filter={filter} {...found.refused} />
      ) : found.rows.length > 0 ? (
        <>
          <RunsTable packed={pack(found.rows.map(drawn))} filter={filter} view={view} startBulk={createBulkAction} label="Runs" />
          <Pager filter={filter} view={inAddress} shown={found.rows.length} total={<Suspense><Total ctx={ctx} tree={filter.tree} /></Suspense>} prevCursor={found.prevCursor} nextCursor={found.nextCursor} />
        </>
      ) : filter.tree || filter.cursor ? (
        <NoRunsFound filter={filter} />
      ) : (
        <NoRuns />
      )}
    </>
  );
}

/** How many match in all: honest, with its age, and never in the way of the rows. */
async function Total({ ctx, tree }: { ctx: Ctx; tree: FilterTree | null }) {
  const total = await getCachedTotal(ctx, tree && resolveMe(tree, ctx.actor.name)).catch(() => null);
  if (!total) return null;
  return (
    <>
      {" "}of {total.kind === "atLeast" ? "more than " : ""}{formatCount(total.value)}, counted <Time date={total.asOf} />
    </>
  );
}

/** Without what no cell draws: it would go to the browser twice. */
const drawn = ({ externalId, unitsTotal, unitsDone, unitsFailed, retryOf, groupId, ...run }: RunRow): TableRun => run;
