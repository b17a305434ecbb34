import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { FullTime } from "#components/layout/clock";
import { Suspense } from "react";
import { preload } from "react-dom";
import { RunLogs } from "#components/runs/run-logs";
import { TracePanel } from "#components/trace/trace-panel";
import { traceHref } from "#components/trace/trace-href";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { JsonView } from "#components/ui/json-view";
import { Section } from "#components/ui/section";
import { isHidden } from "#lib/access/rules";
import { listAnnotations } from "#lib/annotations/queries";
import { parseRunId } from "#lib/api/inputs";
import { getBaseline } from "#lib/baseline/queries";
import type { Ctx } from "#lib/ctx";
import { DEMO_KEY } from "#lib/demo/rules";
import { countNotSucceeded } from "#lib/engine/retry";
import { findErrorGroupOf } from "#lib/error-groups/queries";
import { AppError } from "#lib/errors";
import { formatCount } from "#lib/format/number";
import { PIPELINES } from "#lib/pipelines/registry";
import { listRunCalls } from "#lib/llm-calls/queries";
import { getRun } from "#lib/runs/queries";
import { isFinal } from "#lib/runs/rules";
import { paramFields } from "#lib/stages/rules";
import { getTrace, listSteps, summarizeLogs } from "#lib/trace/queries";
import { nextError, type Trace } from "#lib/trace/rules";
import { pageCtx } from "#lib/web/ctx";
import { AgentRun } from "./_components/agent-run";
import { Annotations } from "./_components/annotations";
import { RunCalls } from "./_components/run-calls";
import { RunError } from "./_components/run-error";
import { RunFacts } from "./_components/run-facts";
import { RunHeader } from "./_components/run-header";
import { Warnings } from "./_components/warnings";

/** So many calls stand on the page of their run; the AI audit has all of them. */
const CALLS_SHOWN = 20;
/** So much of a trace comes with the page, in units and in steps; of a larger one the page asks for the whole, and shows this until it is there. */
const STEPS_WITH_PAGE = 500;

export async function generateMetadata({ params }: PageProps<"/runs/[runId]">): Promise<Metadata> {
  return { title: `Run #${(await params).runId}` };
}

export default async function RunPage({ params }: PageProps<"/runs/[runId]">) {
  const ctx = await pageCtx();
  const { runId } = await params;
  const { run, baseline, annotations, logs, calls, trace, isWhole, failedUnits, failedStep, similar } = await found(async () => readPage(ctx, parseRunId(runId)));
  const isDemo = annotations.some(({ key }) => key === DEMO_KEY);
  const stage = PIPELINES.find(({ name }) => name === run.pipeline)?.stages.find(({ name }) => name === run.stage);

  return (
    <>
      <RunHeader run={run} isDemo={isDemo} baseline={baseline} itemsName={stage?.itemsName ?? "items"} fields={stage ? paramFields(stage.params) : null} failedUnits={failedUnits} />
      <RunError run={run} baseline={baseline} failedStep={failedStep && { seq: failedStep.seq, stepName: failedStep.stepName }} similar={similar} />
      <Warnings warnings={logs.warnings} isCut={logs.isCut} />
      <RunFacts run={run} />
      {run.pipeline === "trading" && (
        <Suspense>
          <AgentRun ctx={ctx} runId={run.id} />
        </Suspense>
      )}
      <div id="trace" className="scroll-mt-12">
        <Section title="Trace" note={run.stepsTotal > 0 ? `${formatCount(run.stepsTotal)} ${run.stepsTotal === 1 ? "step" : "steps"}` : undefined}>
          <TracePanel key={run.id} runId={run.id} given={trace} isWhole={isWhole} steps={run.stepsTotal} />
        </Section>
      </div>
      {calls.rows.length > 0 && (
        <Suspense>
          <RunCalls ctx={ctx} runId={run.id} calls={calls} />
        </Suspense>
      )}
      <Section title={isFinal(run.status) ? "Output" : "Live output"}>
        {run.prunedAt && <p className="px-4 pb-2 text-ink-soft sm:px-6">Log lines were removed by retention on <FullTime date={run.prunedAt} />.</p>}
        {run.hidden ? (
          <div className="px-4 pb-4 sm:px-6"><HiddenPayload label="Log lines" /></div>
        ) : logs.wrote || !isFinal(run.status) ? (
          // One that goes on may write yet.
          <RunLogs runs={[{ id: run.id, stage: run.stage }]} label={`Log lines of run ${run.id}`} />
        ) : (
          run.prunedAt === null && <p className="px-4 pb-4 text-sm text-ink-soft sm:px-6">It wrote no line.</p>
        )}
      </Section>
      <Section title="Annotations" note={annotations.length || undefined}>
        <Annotations key={run.id} runId={run.id} annotations={annotations.map(({ key, value }) => ({ key, value }))} />
      </Section>
      <Section title="What shaped it">
        <div className="grid gap-4 px-4 pb-8 sm:px-6 lg:grid-cols-2">
          {run.hidden ? <HiddenPayload label="Parameters and configuration" /> : (
            <>
              <JsonView label="Parameters" value={run.params} />
              <JsonView label="Configuration" value={run.configSnapshot} />
            </>
          )}
        </div>
      </Section>
    </>
  );
}

/** What the page shows: first what goes by the run's number alone, all at once, then what goes by what the run is. */
async function readPage(ctx: Ctx, runId: number) {
  const [run, annotations, logs, calls, trace] = await Promise.all([
    getRun(ctx, runId),
    listAnnotations(ctx, runId),
    isHidden(ctx) ? { wrote: false, warnings: [], isCut: false } : summarizeLogs(ctx, runId),
    listRunCalls(ctx, runId, { limit: CALLS_SHOWN }),
    getTrace(ctx, runId, { first: STEPS_WITH_PAGE }),
  ]);
  // Besides its own units there are those that plan and settle.
  const isWhole = run.stepsTotal <= STEPS_WITH_PAGE && run.unitsTotal + 2 <= STEPS_WITH_PAGE;
  // The page will ask for it as soon as it is alive: it may be on its way by then.
  if (!isWhole) preload(traceHref(runId), { as: "fetch", crossOrigin: "anonymous" });
  const isFailure = isFinal(run.status) && run.status !== "completed" && run.status !== "hold";
  const hasError = run.errorMessage !== null;
  const [baseline, failedUnits, failed, similar] = await Promise.all([
    getBaseline(ctx, run),
    isFailure ? countNotSucceeded(ctx, runId) : 0,
    hasError && !isWhole ? listSteps(ctx, runId, { status: "error", limit: 1 }) : null,
    hasError ? findErrorGroupOf(ctx, runId) : [],
  ]);
  return { run, baseline, annotations, logs, calls, trace, isWhole, failedUnits, failedStep: isWhole ? firstError(trace) : (failed?.rows[0] ?? null), similar };
}

function firstError(trace: Trace): { seq: number; stepName: string } | null {
  const seq = nextError(trace, null);
  return seq === null ? null : { seq, stepName: trace.names[trace.steps.name[trace.steps.seq.indexOf(seq)] ?? 0] ?? "" };
}

/** The value, or the "not found" page when there is none. */
async function found<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  }
}
