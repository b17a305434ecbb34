import type { Metadata } from "next";
import { Time } from "#components/layout/clock";
import { PageHeader } from "#components/layout/page-header";
import { DeskFilter } from "#components/trading/desk-filter";
import { type DeskColumn, DeskPager, DeskTable, RunLink } from "#components/trading/desk-table";
import { DeskTabs } from "#components/trading/desk-tabs";
import { formatGain, formatPrice } from "#lib/format/number";
import { listTrades, TradesRequest, type TradeRow } from "#lib/pipelines/trading/lists";
import { pageCtx } from "#lib/web/ctx";
import { accountChoice, shownOf } from "../_components/account-choice";
import { EmptyList } from "../_components/empty-list";

export const metadata: Metadata = { title: "Trades" };
const PATH = "/trading/trades";
/** What cannot be read of the address is as if it were not there. */
const Shown = TradesRequest.catch(TradesRequest.parse({}));

const price = (value: number | null) => (value === null ? "–" : formatPrice(value));
const stateOf = ({ closedAt, orderStatus, closeReason }: TradeRow) => (closedAt === null ? (orderStatus === "pending" ? "pending" : "open") : orderStatus === "filled" ? (closeReason?.replaceAll("_", " ") ?? "closed") : orderStatus);

function Profit({ trade }: { trade: TradeRow }) {
  const { profit, unrealised, lastPrice, lastAt, closedAt } = trade;
  const amount = closedAt === null ? unrealised : profit;
  if (amount === null) return "–";
  return (
    <>
      <span className={amount < 0 ? "text-failed" : amount > 0 ? "text-completed" : ""}>{formatGain(amount)}</span>
      {closedAt === null && lastPrice !== null && <span className="block text-xs whitespace-nowrap text-ink-soft">at {formatPrice(lastPrice)}, <Time date={lastAt} /></span>}
    </>
  );
}

const COLUMNS: DeskColumn<TradeRow>[] = [
  { head: "Symbol", cell: ({ symbol, direction }) => <><span className="font-mono">{symbol}</span> <span className="font-medium">{direction}</span></> },
  { head: "State", cell: stateOf },
  { head: "Ticket", cell: ({ ticket }) => <span className="font-mono">{ticket}</span>, from: "sm" },
  { head: "Volume", cell: ({ volume }) => volume, right: true, from: "md" },
  { head: "Entry", cell: ({ entryPrice }) => price(entryPrice), right: true, from: "sm" },
  { head: "Stop loss", cell: ({ stopLoss }) => price(stopLoss), right: true, from: "lg" },
  { head: "Take profit", cell: ({ takeProfit }) => price(takeProfit), right: true, from: "lg" },
  { head: "Closed at", cell: ({ closePrice }) => price(closePrice), right: true, from: "lg" },
  { head: "Profit", cell: (trade) => <Profit trade={trade} />, right: true },
  { head: "Account", cell: ({ account, strategy }) => <>{account}{strategy && <span className="block text-xs text-ink-soft">{strategy}</span>}</>, from: "md" },
  { head: "Opened", cell: ({ openedAt }) => <Time date={openedAt} />, from: "lg", className: "whitespace-nowrap" },
  { head: "Runs", cell: ({ runIds }) => (runIds.length === 0 ? <RunLink runId={null} /> : <span className="inline-flex flex-wrap justify-end gap-x-2">{runIds.map((runId) => <RunLink key={runId} runId={runId} />)}</span>), right: true },
];

export default async function TradesPage({ searchParams }: PageProps<"/trading/trades">) {
  const ctx = await pageCtx();
  const { limit: _, before, ...asked } = Shown.parse(shownOf(await searchParams));
  const [{ rows, next }, accounts] = await Promise.all([listTrades(ctx, Shown.parse({ ...asked, before })), accountChoice(ctx, asked.account)]);
  return (
    <>
      <PageHeader title="Trades">Positions and orders on paper, open ones first; what is open is valued at its last imported bar. Amounts are in the account&rsquo;s own unit.</PageHeader>
      <DeskTabs />
      <DeskFilter path={PATH} symbol={asked.symbol ?? ""} choices={[accounts, { name: "state", label: "State", value: asked.state ?? "", options: [{ value: "open", word: "open" }, { value: "closed", word: "closed" }] }]} />
      {rows.length === 0 ? <EmptyList path={PATH} isNarrowed={Object.values(asked).some(Boolean) || before !== undefined} title="No trade yet">A signal that passes its gates becomes an order on paper, and stands here from then on.</EmptyList> : <DeskTable label="Trades" columns={COLUMNS} rows={rows} />}
      <DeskPager label="Pages of trades" path={PATH} asked={asked} next={next} isFirst={before === undefined} />
    </>
  );
}
