import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { type DeskColumn, DeskPager, DeskTable, RunLink } from "#components/trading/desk-table";
import { DeskTabs } from "#components/trading/desk-tabs";
import { listStrategies, PlainRequest, type StrategyRow } from "#lib/pipelines/trading/lists";
import { pageCtx } from "#lib/web/ctx";
import { shownOf } from "../_components/account-choice";
import { EmptyList } from "../_components/empty-list";

export const metadata: Metadata = { title: "Strategies" };
const PATH = "/trading/strategies";
const Shown = PlainRequest.catch(PlainRequest.parse({}));

/** How a strategy comes to its signal, for people; the words that desk files use stay as they are. */
const MODES: Record<string, string> = { llm_only: "agents", multi_agent: "agents", rule_only: "a rule", rule_then_llm: "a rule, else agents", hybrid_validator: "a rule that agents confirm" };

const COLUMNS: DeskColumn<StrategyRow>[] = [
  { head: "Strategy", cell: ({ name, description }) => <><span className="font-medium">{name}</span>{description && <span className="block max-w-[50ch] text-xs text-ink-soft">{description}</span>}</> },
  { head: "Decides by", cell: ({ executionMode, className }) => <><span>{MODES[executionMode] ?? executionMode}</span>{className && <span className="block font-mono text-xs text-ink-soft">{className}</span>}</> },
  { head: "Timeframe", cell: ({ primaryTf, contextTfs }) => <>{primaryTf}{contextTfs.length > 0 && <span className="block text-xs text-ink-soft">and {contextTfs.join(", ")}</span>}</>, from: "md" },
  { head: "Symbols", cell: ({ symbols }) => (symbols.length === 0 ? "any" : symbols.slice(0, 6).join(", ") + (symbols.length > 6 ? ` and ${symbols.length - 6} more` : "")), from: "lg" },
  { head: "Stops in pips", cell: ({ slPips, tpPips }) => (slPips === null && tpPips === null ? "by range" : `${slPips ?? "–"} / ${tpPips ?? "–"}`), right: true, from: "lg" },
  { head: "News read", cell: ({ newsFilter }) => (newsFilter ? "yes" : "no"), from: "md" },
  { head: "Reviewed", cell: ({ maintenanceEnabled }) => (maintenanceEnabled ? "yes" : "no"), from: "md" },
  { head: "State", cell: ({ isActive, skipHours, skipHoursTimezone }) => <>{isActive ? "active" : "not active"}{skipHours.length > 0 && <span className="block text-xs text-ink-soft">not at {skipHours.map((hour) => `${hour}:00`).join(", ")} {skipHoursTimezone ?? "UTC"}</span>}</>, from: "sm" },
  { head: "Accounts", cell: ({ accounts }) => accounts.join(", ") || "–", from: "sm" },
  { head: "Last run", cell: ({ lastRunId }) => <RunLink runId={lastRunId} />, right: true },
];

export default async function StrategiesPage({ searchParams }: PageProps<"/trading/strategies">) {
  const { before, limit } = Shown.parse(shownOf(await searchParams));
  const { rows, next } = await listStrategies(await pageCtx(), { before, limit });
  return (
    <>
      <PageHeader title="Strategies">How a signal is judged: by rules, by agents, or by rules that the agents confirm.</PageHeader>
      <DeskTabs />
      {rows.length === 0 ? <EmptyList path={PATH} isNarrowed={before !== undefined} title="No strategy yet">Load the made-up prices on the desk: three strategies come with them. A signal without one asks the agents.</EmptyList> : <DeskTable label="Strategies" columns={COLUMNS} rows={rows} />}
      <DeskPager label="Pages of strategies" path={PATH} asked={{}} next={next} isFirst={before === undefined} />
    </>
  );
}
