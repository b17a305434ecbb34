import type { Metadata, Route } from "next";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { Suspense } from "react";
import { Time } from "#components/layout/clock";
import { PageHeader } from "#components/layout/page-header";
import { Pager } from "#components/layout/pager";
import { AuditTabs } from "#components/llm-calls/audit-tabs";
import { CallColumnMenu, CallExportMenu, CallsFilterBar } from "#components/llm-calls/call-menus";
import { callsHref } from "#components/llm-calls/calls-href";
import { CallsTable } from "#components/llm-calls/calls-table";
import { CALLS_VIEW_COOKIE } from "#components/llm-calls/calls-view-memory";
import { ViewsMenu } from "#components/runs/views-menu";
import type { Ctx } from "#lib/ctx";
import type { FilterTree } from "#lib/filters/filter";
import { formatCount } from "#lib/format/number";
import { printCallsView, readCallsView, USUAL_CALLS_VIEW } from "#lib/llm-calls/fields";
import { toSearchParams } from "#lib/llm-calls/address";
import { readCallsFilter } from "#lib/llm-calls/filter";
import { countCalls } from "#lib/llm-calls/queries";
import { listViews } from "#lib/views/queries";
import { pageCtx } from "#lib/web/ctx";
import { deleteViewAction, saveViewAction } from "../../runs/actions";
import { CallsRefused, NoCalls, NoCallsFound } from "./_components/no-calls";
import { listOrRefusal } from "./list-or-refusal";

export const metadata: Metadata = { title: "AI audit" };

export default async function AiAuditPage({ searchParams }: PageProps<"/ai-audit">) {
  const ctx = await pageCtx();
  const asked = new URLSearchParams(Object.entries(await searchParams).flatMap(([name, given]) => [given ?? []].flat().map((value) => [name, value])));
  const { filter, faults } = readCallsFilter(asked);
  const [found, views, jar] = await Promise.all([listOrRefusal(ctx, filter), listViews(ctx, "ai-audit"), cookies()]);
  const usual = views.find(({ isDefault }) => isDefault);
  if (asked.size === 0 && usual?.query) redirect(`/ai-audit?${usual.query}` as Route);
  const own = readCallsView(asked);
  const view = own ?? readCallsView(new URLSearchParams(jar.get(CALLS_VIEW_COOKIE)?.value ?? "")) ?? USUAL_CALLS_VIEW;
  const inAddress = own ?? USUAL_CALLS_VIEW;
  const rest = [toSearchParams({ ...filter, tree: null, cursor: null }), printCallsView(inAddress)].map(String).filter(Boolean).join("&");
  const at = (cursor: string | null) => (cursor ? callsHref({ ...filter, cursor }, inAddress) : null);
  const byTime = filter.sort === "created" && filter.dir === "desc";

  return (
    <>
      <PageHeader title="AI audit" actions={<><ViewsMenu list="ai-audit" path="/ai-audit" all="calls" views={views} query={[toSearchParams({ ...filter, cursor: null }), printCallsView(inAddress)].map(String).filter(Boolean).join("&")} save={saveViewAction} remove={deleteViewAction} /><CallColumnMenu filter={filter} view={view} /><CallExportMenu tree={filter.tree} sort={{ sort: filter.sort, dir: filter.dir }} /></>}>
        Every model call, successful or not: what was asked, what came back, what it cost.
      </PageHeader>
      <AuditTabs />
      <div className="sticky top-(--top-bar) z-10 bg-ground">
        <CallsFilterBar tree={filter.tree} page={{ path: "/ai-audit", rest }} faults={faults} />
      </div>
      {"refused" in found ? (
        <CallsRefused filter={filter} {...found.refused} />
      ) : found.rows.length > 0 ? (
        <>
          <CallsTable rows={found.rows} filter={filter} view={view} label="LLM calls" />
          <Pager label="Pages of calls" prev={{ href: at(found.prevCursor), word: byTime ? "Newer" : "Previous" }} next={{ href: at(found.nextCursor), word: byTime ? "Older" : "Next" }}>
            {found.rows.length} {found.rows.length === 1 ? "call" : "calls"} on this page<Suspense><Total ctx={ctx} tree={filter.tree} /></Suspense>
          </Pager>
        </>
      ) : filter.tree || filter.cursor ? (
        <NoCallsFound filter={filter} />
      ) : (
        <NoCalls />
      )}
    </>
  );
}

/** How many match in all: honest, with its age, and never in the way of the rows. */
async function Total({ ctx, tree }: { ctx: Ctx; tree: FilterTree | null }) {
  const total = await countCalls(ctx, tree).catch(() => null);
  if (!total) return null;
  return (
    <>
      {" "}of {total.kind === "atLeast" ? "more than " : ""}{formatCount(total.value)}, counted <Time date={total.asOf} />
    </>
  );
}
