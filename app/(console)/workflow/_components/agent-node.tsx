import type { Route } from "next";
import Link from "next/link";
import { IfMay } from "#components/access";
import { Time } from "#components/layout/clock";
import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent, formatUsd } from "#lib/format/number";
import type { AgentHealth } from "#lib/pipelines/trading/agent-health";
import type { AgentCard } from "#lib/pipelines/trading/workflow";
import { AgentSwitchButton } from "./switches";

type NodeProps = { card: AgentCard; health: AgentHealth | undefined; /** Null where it cannot be switched. */ isEnabled: boolean | null; switched: { changedBy: string | null; changedAt: Date } | undefined };

/** An agent: what it gets, what it gives, what it counts for, and how it has been. */
export function AgentNode({ card, health, isEnabled, switched }: NodeProps) {
  return (
    <li className="flex min-w-0 flex-1 basis-72 flex-col gap-2 rounded-md border bg-surface p-3 text-sm">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 className="font-semibold">{card.role.replaceAll("_", " ")}</h3>
        {card.weight !== null && <span className="tabular-nums">weight {formatPercent(card.weight)}</span>}
        {isEnabled === false && <span className="font-medium text-partial">switched off</span>}
      </div>
      <p className="text-ink-soft">{card.does}</p>
      <div className="flex flex-wrap gap-x-8 gap-y-2">
        <Words name="Gets" words={card.gets} />
        <Words name="Gives" words={card.gives} />
      </div>
      <p><span className="text-xs font-semibold text-ink-soft">If it fails</span> {card.fallback}</p>
      <Health role={card.role} health={health} />
      {card.switch !== null && isEnabled !== null && (
        <div className="mt-auto flex flex-wrap items-center gap-2">
          <IfMay permission="trading.control"><AgentSwitchButton agent={card.switch} isEnabled={isEnabled} /></IfMay>
          {switched && <span className="text-xs text-ink-soft">last by {switched.changedBy ?? "someone"}, <Time date={switched.changedAt} /></span>}
        </div>
      )}
    </li>
  );
}

function Words({ name, words }: { name: string; words: string[] }) {
  return (
    <div className="min-w-60 flex-1">
      <p className="text-xs font-semibold text-ink-soft">{name}</p>
      <ul className="mt-1 flex flex-wrap gap-1 font-mono text-xs leading-5">
        {words.map((word) => <li key={word} className="rounded-sm bg-sunken px-1">{word}</li>)}
      </ul>
    </div>
  );
}

function Health({ role, health }: { role: string; health: AgentHealth | undefined }) {
  if (!health || health.calls === 0) return <p className="text-ink-soft">Not asked in the last 24 hours.</p>;
  return (
    <p>
      <Link href={`/ai-audit?role=${role}&created=1d` as Route} className="text-accent underline">{health.isCut && "the newest "}{formatCount(health.calls)} {health.calls === 1 ? "call" : "calls"}</Link>
      {health.failed > 0 ? <span className="font-medium text-failed">, {formatCount(health.failed)} failed</span> : ", none failed"}
      {health.meanMs !== null && <>, {formatDuration(health.meanMs)} on average</>}
      {health.costUsd !== null && <>, {formatUsd(health.costUsd)}</>}
      <span className="text-ink-soft">, last <Time date={health.lastAt} /></span>
    </p>
  );
}
