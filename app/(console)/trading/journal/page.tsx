import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { Time } from "#components/layout/clock";
import { DeskFilter } from "#components/trading/desk-filter";
import { type DeskColumn, DeskPager, DeskTable, RunLink } from "#components/trading/desk-table";
import { DeskTabs } from "#components/trading/desk-tabs";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { formatPercent } from "#lib/format/number";
import { ACTIONS } from "#lib/pipelines/trading/agents";
import { type JournalRow, JournalRequest, listJournal } from "#lib/pipelines/trading/lists";
import { pageCtx } from "#lib/web/ctx";
import { accountChoice, shownOf } from "../_components/account-choice";
import { EmptyList } from "../_components/empty-list";

export const metadata: Metadata = { title: "Journal" };
const PATH = "/trading/journal";
/** What cannot be read of the address is as if it were not there. */
const Shown = JournalRequest.catch(JournalRequest.parse({}));

const COLUMNS: DeskColumn<JournalRow>[] = [
  { head: "Symbol", cell: ({ symbol, timeframe }) => <><span className="font-mono">{symbol}</span> <span className="text-ink-soft">{timeframe}</span></> },
  { head: "Signal", cell: ({ signal }) => <span className="font-medium">{signal}</span> },
  { head: "Sure", cell: ({ confidence }) => formatPercent(confidence), right: true },
  { head: "Why", cell: ({ rationale, hidden }) => (hidden ? <HiddenPayload /> : <span className="line-clamp-2 max-w-[60ch] break-words" title={rationale ?? undefined}>{rationale || "–"}</span>), from: "lg" },
  { head: "Account", cell: ({ account }) => account, from: "sm" },
  { head: "By", cell: ({ strategy, provider, model }) => <span title={`${provider} ${model}`}>{strategy ?? (model || provider)}</span>, from: "md" },
  { head: "Trade", cell: ({ ticket }) => (ticket === null ? "–" : <span className="font-mono">{ticket}</span>), right: true, from: "md" },
  { head: "When", cell: ({ createdAt }) => <Time date={createdAt} />, className: "whitespace-nowrap" },
  { head: "Run", cell: ({ runId }) => <RunLink runId={runId} />, right: true },
];

export default async function JournalPage({ searchParams }: PageProps<"/trading/journal">) {
  const ctx = await pageCtx();
  const { limit: _, before, ...asked } = Shown.parse(shownOf(await searchParams));
  const [{ rows, next }, accounts] = await Promise.all([listJournal(ctx, Shown.parse({ ...asked, before })), accountChoice(ctx, asked.account)]);
  return (
    <>
      <PageHeader title="Journal">Every signal as it left the gates, with its reason; written before anything is ordered.</PageHeader>
      <DeskTabs />
      <DeskFilter path={PATH} symbol={asked.symbol ?? ""} choices={[accounts, { name: "signal", label: "Signal", value: asked.signal ?? "", options: ACTIONS.map((signal) => ({ value: signal, word: signal })) }]} />
      {rows.length === 0 ? <EmptyList path={PATH} isNarrowed={Object.values(asked).some(Boolean) || before !== undefined} title="Nothing in the journal yet">A signal is written down here when it has been analysed, whether or not it is traded.</EmptyList> : <DeskTable label="Journal" columns={COLUMNS} rows={rows} />}
      <DeskPager label="Pages of the journal" path={PATH} asked={asked} next={next} isFirst={before === undefined} />
    </>
  );
}
