import type { Metadata } from "next";
import Link from "next/link";
import { IfMay } from "#components/access";
import { PageHeader } from "#components/layout/page-header";
import { DeskTabs } from "#components/trading/desk-tabs";
import { KillSwitchNote } from "#components/trading/kill-switch-note";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import { can } from "#lib/access/rules";
import { formatPercent, formatPrice } from "#lib/format/number";
import { getKillSwitch, getRiskSettings } from "#lib/pipelines/trading/desk";
import { listSeries } from "#lib/pipelines/trading/lists";
import { pageCtx } from "#lib/web/ctx";
import { PriceImport } from "./_components/price-import";

export const metadata: Metadata = { title: "Trading desk" };

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

export default async function TradingPage() {
  const ctx = await pageCtx();
  const [halt, risk, series] = await Promise.all([getKillSwitch(ctx), getRiskSettings(ctx), listSeries(ctx)]);
  const rules: [string, string][] = [
    ["Open positions of an account", `${risk.maxOpenPositions} at most`],
    ["Trades of one symbol", `${risk.maxTradesPerSymbol} in ${risk.windowHours} h`],
    ["Least confidence", formatPercent(risk.confidenceThreshold)],
    ["Analyses of an account", `${risk.callsPerMinute} a minute`],
    ["Review of open positions", risk.maintenanceEnabled ? "on" : "off"],
  ];
  return (
    <>
      <PageHeader
        title="Trading desk"
        actions={series.length > 0 && <><Link href="/runs?pipeline=trading" className={buttonClass()}>Runs of the desk</Link><IfMay permission="runs.trigger"><Link href="/control#trading-signal" className={buttonClass("primary")}>Run a signal</Link></IfMay></>}
      >
        Agents analyse imported prices and trade on paper what they agree on. No money is ever moved.
      </PageHeader>
      <DeskTabs />
      <KillSwitchNote halt={halt} />
      <Section title="Prices" note={series.length === 0 ? can(ctx.actor, "imports.run") ? "none yet: load some, then run a signal" : "none yet: operators and admins import them" : `${series.length}${series.length === 100 ? " of more" : ""}`}>
        {series.length > 0 && (
          <ul aria-label="Prices that are here" className="grid border-t pb-1 text-sm sm:grid-cols-2 xl:grid-cols-3">
            {series.map(({ symbol, timeframe, first, last, close }) => (
              <li key={`${symbol} ${timeframe}`} className="flex flex-wrap items-baseline gap-x-3 border-b px-4 py-2 sm:px-6">
                <span className="font-mono font-medium">{symbol}</span>
                <span className="text-ink-soft">{timeframe}</span>
                <span className="tabular-nums">{formatPrice(close)}</span>
                <span className="text-ink-soft">{dayOf(first)} to {dayOf(last)}</span>
              </li>
            ))}
          </ul>
        )}
        <IfMay permission="imports.run"><PriceImport /></IfMay>
      </Section>
      <Section title="What bounds the risk">
        <dl className="grid grid-cols-2 gap-x-6 gap-y-3 px-4 pb-6 text-sm sm:grid-cols-3 sm:px-6 xl:grid-cols-5">
          {rules.map(([name, value]) => (
            <div key={name}>
              <dt className="text-xs font-semibold text-ink-soft">{name}</dt>
              <dd className="mt-0.5">{value}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </>
  );
}
