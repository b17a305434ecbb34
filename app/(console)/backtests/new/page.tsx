import { CandlestickChart } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { addDays } from "#lib/backtests/rules";
import { knownModels } from "#lib/backtests/sql/job-plan";
import { listSymbols } from "#lib/backtests/sql/market";
import { pageCtx } from "#lib/web/ctx";
import { StartForm } from "../_components/start-form";

export const metadata: Metadata = { title: "Start a backtest" };

export default async function NewBacktestPage() {
  const symbols = await listSymbols((await pageCtx("runs.trigger")).db);
  const last = symbols.map((symbol) => symbol.last).toSorted().at(-1);
  const first = symbols.map((symbol) => symbol.first).toSorted()[0];

  return (
    <>
      <PageHeader title="Start a backtest">One job at a time. The same dates within 24 hours are the same job.</PageHeader>
      {last && first ? (
        <StartForm symbols={symbols} models={knownModels()} from={[addDays(last, -30), first].toSorted().at(-1) ?? first} to={last} />
      ) : (
        <EmptyState icon={<CandlestickChart />} title="There are no daily prices yet" action={<Link href="/trading" className={buttonClass("primary")}>Go to the trading desk</Link>}>
          Models trade at imported prices. Load the made-up ones, or import a file of daily bars, on the trading desk; or run <code className="font-mono text-sm">./penstock import prices prices.csv</code>.
        </EmptyState>
      )}
    </>
  );
}
