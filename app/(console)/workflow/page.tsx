import type { Metadata } from "next";
import { z } from "zod";
import { IfMay } from "#components/access";
import { PageHeader } from "#components/layout/page-header";
import { DeskTabs } from "#components/trading/desk-tabs";
import { KillSwitchNote } from "#components/trading/kill-switch-note";
import { Section } from "#components/ui/section";
import { readAgentHealth } from "#lib/pipelines/trading/agent-health";
import { listKillSwitchTurns, listSwitchedAgents, getAgentSwitches, getKillSwitch } from "#lib/pipelines/trading/desk";
import { GATES, WORKFLOW } from "#lib/pipelines/trading/workflow";
import { pageCtx } from "#lib/web/ctx";
import { AgentNode } from "./_components/agent-node";
import { KillSwitchLog } from "./_components/kill-switch-log";
import { AgentSwitchButton, KillSwitchButton } from "./_components/switches";

export const metadata: Metadata = { title: "Agent workflow" };

const LOG_PAGE = 10;
const Shown = z.object({ before: z.coerce.number().int().min(1).max(2_147_483_647).optional().catch(undefined) });
const TITLES = { signal: ["Signal", "agents side by side speak at once"], maintenance: ["Maintenance", "of one open position"] } as const;

export default async function WorkflowPage({ searchParams }: PageProps<"/workflow">) {
  const ctx = await pageCtx();
  const { before } = Shown.parse(await searchParams);
  const [halt, switches, switched, health, turns] = await Promise.all([
    getKillSwitch(ctx), getAgentSwitches(ctx), listSwitchedAgents(ctx), readAgentHealth(ctx), listKillSwitchTurns(ctx, { before, limit: LOG_PAGE + 1 }),
  ]);
  const shown = turns.slice(0, LOG_PAGE);
  const turnOf = (agent: string | null) => switched.find((turn) => turn.agent === agent);
  return (
    <>
      <PageHeader title="Agent workflow" actions={<IfMay permission="trading.control"><KillSwitchButton isActive={halt.isActive} /></IfMay>}>
        What each agent gets and gives, as the pipeline declares it, and how it has been in the last 24 hours.
      </PageHeader>
      <DeskTabs />
      <KillSwitchNote halt={halt} withLink={false} />
      {(["signal", "maintenance"] as const).map((task) => (
        <Section
          key={task}
          title={TITLES[task][0]}
          note={TITLES[task][1]}
          actions={task === "signal" && <IfMay permission="trading.control"><AgentSwitchButton agent="agent_pipeline" isEnabled={switches.agent_pipeline} /></IfMay>}
        >
          {task === "signal" && !switches.agent_pipeline && <p className="px-4 pb-3 font-medium text-partial sm:px-6">The three agents are switched off: one analysis and one decision judge alone.</p>}
          <ol aria-label={`Agents of ${task}`} className="grid gap-2 px-4 pb-5 sm:px-6">
            {WORKFLOW[task].map((row) => (
              <li key={row.map(({ role }) => role).join(" ")} className="[&+&]:before:mx-auto [&+&]:before:mb-2 [&+&]:before:block [&+&]:before:h-4 [&+&]:before:w-px [&+&]:before:bg-line-strong">
                <ul className="flex flex-wrap gap-3">
                  {row.map((card) => <AgentNode key={card.role} card={card} health={health.get(card.role)} isEnabled={card.switch === null ? null : switches[card.switch]} switched={turnOf(card.switch)} />)}
                </ul>
              </li>
            ))}
          </ol>
        </Section>
      ))}
      <Section title="Gates" note="between a verdict and an order">
        <dl className="grid gap-x-6 gap-y-3 px-4 pb-6 text-sm sm:grid-cols-2 sm:px-6 xl:grid-cols-3">
          {GATES.map(({ step, does }) => (
            <div key={step}>
              <dt className="font-mono text-xs font-semibold">{step}</dt>
              <dd className="mt-0.5 text-ink-soft">{does}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="Kill switch" note={halt.isActive ? "on" : "off"}>
        <KillSwitchLog turns={shown} next={turns.length > LOG_PAGE ? (shown.at(-1)?.id ?? null) : null} isFirst={before === undefined} />
      </Section>
    </>
  );
}
