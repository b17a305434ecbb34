import type { Metadata } from "next";
import { Cpu, SlidersHorizontal } from "lucide-react";
import Link from "next/link";
import { IfMay } from "#components/access";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { FlowStrip } from "#components/pipelines/flow-strip";
import { RunLogs } from "#components/runs/run-logs";
import { buttonClass } from "#components/ui/button";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { Section } from "#components/ui/section";
import { isHidden } from "#lib/access/rules";
import { listImports } from "#lib/pipelines/mail/import";
import { listNextStarts } from "#lib/schedules/queries";
import { listPipelines } from "#lib/stages/queries";
import { pageCtx } from "#lib/web/ctx";
import { listActiveFacts } from "./_components/active-facts";
import { ImportList } from "./_components/import-list";
import { ImportPanel } from "./_components/import-panel";
import { PipelineHeader } from "./_components/pipeline-header";
import { StagePane } from "./_components/stage-pane";

export const metadata: Metadata = { title: "Pipeline Control" };

/** The imports that are shown, and the pipeline that they are for. */
const IMPORTS_SHOWN = 5;
const MAIL = "mail";

export default async function ControlPage() {
  const ctx = await pageCtx();
  const pipelines = await listPipelines(ctx);
  const stages = pipelines.flatMap((pipeline) => pipeline.stages);
  const hasMail = pipelines.some(({ name }) => name === MAIL);
  const [facts, imports, starts] = await Promise.all([listActiveFacts(ctx, stages), hasMail ? listImports(ctx, IMPORTS_SHOWN) : [], listNextStarts(ctx)]);
  const running = stages.flatMap(({ name, activeRun }) => (activeRun?.status === "running" ? { id: activeRun.id, stage: name } : []));

  return (
    <>
      <PageHeader title="Pipeline Control" actions={<Link href="/workers" className={buttonClass("plain")}><Cpu aria-hidden className="size-4" /> Workers</Link>}>Start a stage or a whole pipeline, watch it work, and stop it.</PageHeader>
      {pipelines.length === 0 && (
        <EmptyState icon={<SlidersHorizontal />} title="No pipeline is defined">
          A pipeline is written in TypeScript and named in <code className="font-mono">lib/pipelines/registry.ts</code>.
        </EmptyState>
      )}
      {pipelines.map((pipeline) => (
        <section key={pipeline.name} aria-label={`Pipeline ${pipeline.name}`} className="border-t">
          <PipelineHeader pipeline={pipeline} next={starts.get(`${pipeline.name}/`) ?? null} />
          <FlowStrip stages={pipeline.stages} hrefOf={(stage) => `#${stage.pipeline}-${stage.name}`} />
          {pipeline.name === MAIL && (
            <Section title="Import">
              <IfMay permission="imports.run"><ImportPanel /></IfMay>
              <ImportList imports={imports} />
            </Section>
          )}
          <div className="border-t">
            {pipeline.stages.map((stage) => (
              <StagePane key={stage.name} stage={stage} active={facts.get(stage.activeRun?.id ?? 0) ?? null} next={starts.get(`${stage.pipeline}/${stage.name}`) ?? null} />
            ))}
          </div>
        </section>
      ))}
      <Section title="Live output" note={running.length > 0 ? `${running.length} running` : "nothing is running"}>
        {isHidden(ctx) ? <div className="px-4 pb-4 sm:px-6"><HiddenPayload label="Log lines" /></div> : <RunLogs runs={running} label="Log lines" nameRuns />}
      </Section>
    </>
  );
}
