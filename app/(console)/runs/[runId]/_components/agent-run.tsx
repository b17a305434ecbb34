import Link from "next/link";
import type { ReactNode } from "react";
import { PriceChart } from "#components/trading/price-chart";
import { deskHref } from "#components/trading/desk-table";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { Section } from "#components/ui/section";
import { isHidden } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { formatCount, formatPercent, formatUsd } from "#lib/format/number";
import { getRunReport, type RunReport } from "#lib/pipelines/trading/run-report";

const HEAD = "py-1.5 pr-3 text-left font-semibold";
const CELL = "border-t py-1.5 pr-3 align-top";

/** Of a run of the trading desk: what was decided, by whom, through which gates, at which prices. Nothing when it never knew its account. */
export async function AgentRun({ ctx, runId }: { ctx: Ctx; runId: number }) {
  if (isHidden(ctx)) return <Section title="Decision"><div className="px-4 pb-5 sm:px-6"><HiddenPayload /></div></Section>;
  const report = await getRunReport(ctx, runId);
  if (!report) return null;
  return (
    <Section title="Decision" note={report.finalAction ?? "none"}>
      <Facts report={report} />
      {report.bars.length > 0 && <PriceChart symbol={report.symbol} timeframe={report.timeframe} bars={report.bars} levels={report.levels} action={report.finalAction} />}
      <div className="grid gap-x-8 gap-y-4 px-4 pb-5 sm:px-6 xl:grid-cols-[3fr_2fr]">
        {report.agents.length > 0 && <Agents report={report} />}
        {report.gates.length > 0 && (
          <div className="min-w-0">
            <h3 className="pb-1 text-sm font-semibold">Gates</h3>
            <table aria-label="Gates" className="w-full text-sm">
              <thead className="text-xs text-ink-soft"><tr><th scope="col" className={HEAD}>Gate</th><th scope="col" className={HEAD}>What it said</th></tr></thead>
              <tbody>
                {report.gates.map(({ step, seq, status, says }) => (
                  <tr key={seq}>
                    <th scope="row" className={`${CELL} text-left font-normal`}>{step.replaceAll("_", " ")}</th>
                    <td className={`${CELL} break-words ${status === "error" ? "font-medium text-failed" : ""}`}>{says}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </Section>
  );
}

function Facts({ report }: { report: RunReport }) {
  const { account, accountId, symbol, timeframe, taskType, strategy, journalId, signal, confidence, rationale, tradeId, ticket, finalAction } = report;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 px-4 pb-4 text-sm sm:grid-cols-4 sm:px-6 xl:grid-cols-8">
      <Fact name="Account">{account} ({accountId})</Fact>
      <Fact name="Symbol"><span className="font-mono">{symbol}</span></Fact>
      <Fact name="Timeframe">{timeframe}</Fact>
      <Fact name="Task">{taskType}</Fact>
      <Fact name="Final action"><span className="font-medium">{finalAction ?? "–"}</span></Fact>
      <Fact name="Journal">{journalId === null ? "–" : <Link href={deskHref("/trading/journal", { account: accountId, symbol }, journalId + 1)} className="text-accent hover:underline">{journalId}{signal && `, ${signal}`}{confidence !== null && ` ${formatPercent(confidence)}`}</Link>}</Fact>
      <Fact name="Trade">{tradeId === null ? "–" : <Link href={deskHref("/trading/trades", { account: accountId, symbol })} className="font-mono text-accent hover:underline">{ticket}</Link>}</Fact>
      <Fact name="Strategy">{strategy ?? "–"}</Fact>
      {rationale && <div className="col-span-full"><dt className="text-xs font-semibold text-ink-soft">Why</dt><dd className="mt-0.5 max-w-[100ch] break-words">{rationale}</dd></div>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs font-semibold text-ink-soft">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  );
}

function Agents({ report: { agents } }: { report: RunReport }) {
  return (
    <div className="min-w-0">
      <h3 className="pb-1 text-sm font-semibold">Agents and votes</h3>
      <table aria-label="Agents and votes" className="w-full text-sm">
        <thead className="text-xs text-ink-soft">
          <tr>
            <th scope="col" className={HEAD}>Agent</th>
            <th scope="col" className={HEAD}>Says</th>
            <th scope="col" className={`${HEAD} text-right`}>Sure</th>
            <th scope="col" className={`${HEAD} text-right`}>Weight</th>
            <th scope="col" className={`${HEAD} max-sm:hidden`}>Model</th>
            <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>Tokens</th>
            <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>Cost</th>
          </tr>
        </thead>
        <tbody>
          {agents.map(({ role, seq, status, says, confidence, weight, model, tokens, costUsd }) => (
            <tr key={role}>
              <th scope="row" className={`${CELL} text-left font-normal`}><span title={`step ${seq}`}>{role.replaceAll("_", " ")}</span></th>
              <td className={`${CELL} break-words ${status === "error" ? "font-medium text-failed" : status === "skip" ? "text-ink-soft" : ""}`}>{says}</td>
              <td className={`${CELL} text-right whitespace-nowrap`}>{confidence === null ? "–" : formatPercent(confidence)}</td>
              <td className={`${CELL} text-right whitespace-nowrap`}>{weight === null ? "–" : formatPercent(weight)}</td>
              <td className={`${CELL} sm:min-w-28 max-sm:hidden`}>{model ?? "–"}</td>
              <td className={`${CELL} text-right max-sm:hidden`}>{tokens === null ? "–" : formatCount(tokens)}</td>
              <td className={`${CELL} text-right max-sm:hidden`}>{costUsd === null ? "–" : formatUsd(costUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
