import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { type DeskColumn, deskHref, DeskPager, DeskTable, RunLink } from "#components/trading/desk-table";
import { DeskTabs } from "#components/trading/desk-tabs";
import { formatAmount, formatCount, formatGain } from "#lib/format/number";
import { type AccountRow, listAccounts, PlainRequest } from "#lib/pipelines/trading/lists";
import { pageCtx } from "#lib/web/ctx";
import Link from "next/link";
import { shownOf } from "../_components/account-choice";
import { EmptyList } from "../_components/empty-list";

export const metadata: Metadata = { title: "Accounts" };
const PATH = "/trading/accounts";
const Shown = PlainRequest.catch(PlainRequest.parse({}));

const tradesOn = ({ isActive, autoTradeEnabled, paperTradeEnabled }: AccountRow) => (!isActive ? "not active" : !paperTradeEnabled ? "no broker" : autoTradeEnabled ? "by itself, on paper" : "only written down");

const COLUMNS: DeskColumn<AccountRow>[] = [
  { head: "Account", cell: ({ id, name, broker }) => <><span className="font-medium">{name}</span> <span className="text-ink-soft">{id}</span><span className="block text-xs text-ink-soft">{broker}</span></> },
  { head: "Balance", cell: ({ balance, accountType }) => <span className="whitespace-nowrap">{formatAmount(balance)} {accountType}</span>, right: true },
  { head: "Since it began", cell: ({ balance, startBalance }) => formatGain(Math.round((balance - startBalance) * 100) / 100), right: true, from: "sm" },
  { head: "Open", cell: ({ id, openTrades }) => (openTrades === 0 ? "0" : <Link href={deskHref("/trading/trades", { account: id, state: "open" })} className="inline-block min-h-6 leading-6 text-accent hover:underline">{formatCount(openTrades)}</Link>), right: true },
  { head: "Trades", cell: tradesOn, from: "md" },
  { head: "Lots at most", cell: ({ maxLotSize }) => maxLotSize, right: true, from: "lg" },
  { head: "Risk", cell: ({ riskPct }) => `${Number((riskPct * 100).toFixed(2))} %`, right: true, from: "lg" },
  { head: "May trade", cell: ({ allowedSymbols }) => (allowedSymbols.length === 0 ? "everything" : allowedSymbols.join(", ")), from: "lg" },
  { head: "Strategies", cell: ({ strategies, follows }) => <>{strategies.join(", ") || "–"}{follows && <span className="block text-xs text-ink-soft">follows {follows}</span>}</>, from: "md" },
  { head: "Last run", cell: ({ lastRunId }) => <RunLink runId={lastRunId} />, right: true },
];

export default async function AccountsPage({ searchParams }: PageProps<"/trading/accounts">) {
  const { before, limit } = Shown.parse(shownOf(await searchParams));
  const { rows, next } = await listAccounts(await pageCtx(), { before, limit });
  return (
    <>
      <PageHeader title="Accounts">Who trades, with what: the balance is what an account began with and the profit of what it has closed.</PageHeader>
      <DeskTabs />
      {rows.length === 0 ? <EmptyList path={PATH} isNarrowed={before !== undefined} title="No account yet">Load the made-up prices on the desk: an account on paper comes with them.</EmptyList> : <DeskTable label="Accounts" columns={COLUMNS} rows={rows} />}
      <DeskPager label="Pages of accounts" path={PATH} asked={{}} next={next} isFirst={before === undefined} />
    </>
  );
}
